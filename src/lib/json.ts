/** What a JSON text can hold. Integers beyond 2^53 are bigints, so that no digit of a 64-bit id is lost. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

export type JsonObject = { readonly [key: string]: Json | undefined };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of an object whose names somebody else chose: "constructor" is one like any other. */
export const own = <T>(members: { readonly [name: string]: T }, name: string): T | undefined =>
  Object.hasOwn(members, name) ? members[name] : undefined;

/** Nested more deeply than anything of Anki's: to go through it would exhaust the stack. */
export const isDeep = (value: unknown, levels = 500): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 ||
    (Array.isArray(value) ? value : Object.values(value)).some((item) => isDeep(item, levels - 1)));

// Node's own parser and printer do the work. An integer that a double cannot hold goes past them under a mark that
// nobody can guess: as the array [mark, digits] when reading (an array is refused in the place of a key, so text that
// was not JSON stays so), as the string mark + digits when printing.

const suspicious = /\d{16}|NaN|Infinity/;

// A string is taken whole, or in pieces that each begin with an escape: so no number is ever looked for inside one,
// and one of millions of escapes does not exhaust the stack.
const pieces = /(?:"[^"\\]*|(?:\\.[^"\\]*){1,500})"?|-?\d[\d.eE+-]*|NaN|-?Infinity/gs;
const integer = /^-?(?:0|[1-9]\d*)$/;

/** Reads JSON without loss: integers beyond 2^53 become bigints; Python's NaN and Infinity become null. */
export const parseJson = (text: string): Json => {
  if (!suspicious.test(text)) return JSON.parse(text);
  const mark = crypto.randomUUID();
  const marked = text.replace(pieces, (piece) => {
    if (piece.startsWith('"') || piece.startsWith('\\')) return piece;
    if (/[NI]/.test(piece)) return 'null';
    return integer.test(piece) && !Number.isSafeInteger(Number(piece)) ? `["${mark}","${piece}"]` : piece;
  });
  return JSON.parse(marked, (_key, value: unknown) =>
    Array.isArray(value) && value[0] === mark ? BigInt(String(value[1])) : value,
  );
};

/** Prints JSON: bigints as bare digits (for the wire), or as strings of digits for readers who would round them. */
export const printJson = (value: Json, bigints: 'digits' | 'strings'): string => {
  let mark = '';
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'bigint') return item;
    if (bigints === 'digits') mark ||= crypto.randomUUID();
    return `${mark}${item}`;
  });
  return mark === '' ? text : text.replace(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
};
