/** A JSON value. Integers beyond 2^53 are bigints, so that 64-bit ids keep every digit. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

export type JsonObject = { readonly [key: string]: Json | undefined };

export const isList = (value: object): value is readonly Json[] => Array.isArray(value);

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns an own member of an object whose keys come from outside, where "constructor" is a key like any other. */
export const own = <T>(members: { readonly [name: string]: T }, name: string): T | undefined =>
  Object.hasOwn(members, name) ? members[name] : undefined;

/** Returns true if a value nests deeper than any of Anki's, so that recursion over it could exhaust the stack. */
export function isDeep(value: unknown, levels = 500): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value))
    if (typeof item === 'object' && isDeep(item, levels - 1)) return true;
  return false;
}

// Node's own parser and printer do the work. An integer that a double cannot hold is replaced by a random marker: by the
// array [marker, digits] when parsing (an array is invalid as a key, so invalid JSON stays invalid), and by the string
// marker + digits when printing.

/** Returns true if a text has 16 digits in a row. Looks at every 16th character first: one of them is in each such row. */
function hasLongNumber(text: string): boolean {
  for (let at = longDigits - 1; at < text.length; at += longDigits) {
    if (!isDigitAt(text, at)) continue;
    let start = at;
    while (isDigitAt(text, start - 1)) start -= 1;
    let end = at + 1;
    while (isDigitAt(text, end) && end - start < longDigits) end += 1;
    if (end - start >= longDigits) return true;
  }
  return false;
}

/** From this number of digits on, an integer may be too long for a double. */
const longDigits = 16;

const isDigitAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
};

const needsCare = (text: string): boolean =>
  hasLongNumber(text) || text.includes('NaN') || text.includes('Infinity');

// Matches a complete string, or its parts that each begin with an escape: numbers inside strings are never matched,
// and a string with millions of escapes does not exhaust the stack.
const pieces = /(?:"[^"\\]*|(?:\\.[^"\\]*){1,500})"?|-?\d[\d.eE+-]*|NaN|-?Infinity/gs;
const integer = /^-?(?:0|[1-9]\d*)$/;

/** Parses JSON without loss: integers beyond 2^53 become bigints, Python's NaN and Infinity become null. Throws a SyntaxError. */
export const parseJson = (text: string): Json => {
  if (!needsCare(text)) return JSON.parse(text);
  const marker = crypto.randomUUID();
  const markedText = text.replace(pieces, (piece) => {
    if (piece.startsWith('"') || piece.startsWith('\\')) return piece;
    if (/[NI]/.test(piece)) return 'null';
    return integer.test(piece) && !Number.isSafeInteger(Number(piece)) ? `["${marker}","${piece}"]` : piece;
  });
  return JSON.parse(markedText, (_key, value: unknown) =>
    Array.isArray(value) && value[0] === marker ? BigInt(String(value[1])) : value,
  );
};

/** Returns the value that a text is the JSON of, or undefined if it is no JSON. */
export function jsonIn(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Prints JSON; returns undefined for a value with bigints. */
export function printPlainJson(value: Json): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Prints JSON. Bigints become numbers ('digits', for the wire) or strings ('strings', for readers that would round them). */
export const printJson = (value: Json, bigints: 'digits' | 'strings'): string => {
  const plain = printPlainJson(value); // several times faster
  if (plain !== undefined) return plain;
  let marker = '';
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'bigint') return item;
    if (bigints === 'digits') marker ||= crypto.randomUUID();
    return `${marker}${item}`;
  });
  return marker === '' ? text : text.replace(new RegExp(`"${marker}(-?\\d+)"`, 'g'), '$1');
};
