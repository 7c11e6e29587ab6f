import { echo } from '../lib/cut.ts';
import { isList, type Json } from '../lib/json.ts';
import { sizeOf } from './size.ts';

/** Shortens strings and lists until a value fits into `bytes` bytes of JSON. They then say how much is missing. */
export function fitted(value: Json, bytes: number): Json {
  let fitting = value;
  for (let length = bytes; sizeOf(fitting) > bytes && length >= 1; length /= 2) {
    fitting = shortened(value, Math.floor(length)) ?? null;
  }
  return fitting;
}

/** Cuts strings to `length` characters, and lists to a number of items in proportion to it. */
function shortened(value: Json | undefined, length: number, depth = 0): Json | undefined {
  if (typeof value === 'string') {
    const rest = value.length - length;
    return rest > 0 ? `${value.slice(0, length).toWellFormed()}… (${rest} more characters)` : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const maxItems = depth === 0 ? Infinity : Math.ceil(length / 20);
  if (isList(value)) {
    const kept = value.slice(0, maxItems).map((item) => shortened(item, length, depth + 1) ?? null);
    return value.length > maxItems ? [...kept, `… ${value.length - maxItems} more`] : kept;
  }
  const entries = Object.entries(value);
  const kept = entries
    .slice(0, maxItems)
    .map(([key, item]): [string, Json | undefined] => [echo(key), shortened(item, length, depth + 1)]);
  const rest = entries.length - kept.length;
  return { ...Object.fromEntries(kept), ...(rest > 0 && { '…': `${rest} more` }) };
}
