import { type Json, printJson } from '../lib/json.ts';

/**
 * Maximum result size in bytes when the caller passes a limit, whatever the budget: a result is sent twice, once as
 * text, and clients accept 10 MiB.
 */
export const maxResultBytes = 3_000_000;

/** Returns the size of a value in bytes of JSON. */
export const sizeOf = (value: Json): number => Buffer.byteLength(printJson(value, 'strings'));

/** Returns how many items, from the first on, fit into a JSON list of `bytes` bytes. */
export function countWithin(items: readonly Json[], bytes: number): number {
  // Printed at once, many items take a fraction of the time. Each takes at least two bytes.
  if (items.length <= bytes / 2 && sizeOf(items) - 1 <= bytes) return items.length;
  let left = bytes;
  const end = items.findIndex((item) => (left -= sizeOf(item) + 1) < 0);
  return end < 0 ? items.length : end;
}

/** Returns the names that fit into a JSON list of `bytes` bytes, followed by the number of the others. */
export function namesWithin(names: readonly string[], bytes: number): string[] {
  const shown = names.slice(0, countWithin(names, bytes));
  return shown.length < names.length ? [...shown, `and ${names.length - shown.length} more`] : shown;
}

/** Returns a size in bytes as text: "12 KB" or "1.5 MB". */
export const formatSize = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
