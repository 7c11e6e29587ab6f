import { isObject, type Json } from '../lib/json.ts';

const inAscii = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Prints JSON as Python's json.dumps does: ASCII only, a space after each comma and colon, every digit of an integer. */
export function pythonJson(value: Json): string {
  if (typeof value === 'string') return inAscii(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : [`${inAscii(key)}: ${pythonJson(item)}`],
  );
  return `{${members.join(', ')}}`;
}
