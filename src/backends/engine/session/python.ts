import { AnkiRefused } from '../../../contract/errors.ts';
import { isObject, type Json, printJson } from '../../../lib/json.ts';
import { iterate, repr, truthy, typeName } from '../../../anki-connect/python.ts';

// Anki-Connect is written in Python, and its callers see how Python treats unusual values. These functions do the same.

type Value = Json | undefined;

/** Returns a value if it fits into 64 bits, as the engine's ids do; otherwise throws AnkiRefused. */
const checkInt64 = (value: bigint): bigint => {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new AnkiRefused(`Value out of range: ${value}`);
};

/** Returns an id for the engine: null counts as 0, text and fractions are refused. */
export const id = (value: Value): bigint => {
  if (typeof value === 'bigint') return checkInt64(value);
  if (value === null || value === undefined) return 0n;
  if (typeof value === 'number' && Number.isInteger(value)) return checkInt64(BigInt(value));
  throw new AnkiRefused(`'${typeName(value)}' object cannot be interpreted as an integer`);
};

/** Returns the id of a card or note to read: everything that Python treats as false counts as 0. */
export const idOrZero = (value: Value): bigint => (truthy(value) ? id(value) : 0n);

/** An id in SQL and JSON: a number where that keeps every digit, because thousands of bigints take longer. */
export type Id = number | bigint;

/** Returns an id in this form. */
export const shortId = (exact: bigint): Id => {
  const short = Number(exact);
  return Number.isSafeInteger(short) ? short : exact;
};

/** Returns a list of unchecked ids in this form. `read` is one of the functions here, for all that is no plain number. */
export const shortIds = (values: readonly Json[], read: (value: Json) => bigint): Id[] =>
  values.map((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? value : shortId(read(value)),
  );

/** Returns a list of ids for the engine; null counts as an empty list. */
export const ids = (value: Value): bigint[] => {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'string' && typeof value !== 'object') throw new AnkiRefused('must assign iterable');
  return iterate(value).map(listedId);
};

/** Returns an id in a list for the engine, where null is refused. */
export const listedId = (value: Json): bigint => {
  if (value === null) throw new AnkiRefused("'NoneType' object cannot be interpreted as an integer");
  return id(value);
};

/** Returns a text for the engine. Lone surrogates are refused, because they cannot be stored. */
export const text = (value: Value): string => {
  if (typeof value !== 'string') throw new AnkiRefused('bad argument type for built-in operation');
  if (value.isWellFormed()) return value;
  const position = [...value].findIndex((character) => !character.isWellFormed());
  const code = [...value][position]?.charCodeAt(0).toString(16);
  throw new AnkiRefused(
    `'utf-8' codec can't encode character '\\u${code}' in position ${position}: surrogates not allowed`,
  );
};

/** Throws as `text` does if a string anywhere in a value cannot be stored. */
export const checkTexts = (value: Value): void => {
  if (typeof value === 'string') text(value);
  else if (Array.isArray(value)) value.forEach(checkTexts);
  else if (isObject(value)) Object.entries(value).flat().forEach(checkTexts);
};

/** Returns an id where the add-on converts text, fractions and booleans to integers. */
export const numeric = (value: Value): bigint => {
  if (typeof value === 'bigint') return checkInt64(value);
  if (typeof value === 'boolean') return BigInt(value);
  if (value === Infinity || value === -Infinity)
    throw new AnkiRefused('cannot convert float infinity to integer');
  if (typeof value === 'number') return checkInt64(BigInt(Math.trunc(value)));
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return checkInt64(BigInt(value.trim()));
  const shown = value === undefined ? 'nothing' : printJson(value, 'digits');
  throw new AnkiRefused(`Expected an id (an integer), not ${shown}.`);
};

/** Returns a value as Python's str() prints it. */
export const str = (value: Value): string => (typeof value === 'string' ? value : repr(value));

/** Returns Python's error for reading a member of what is no object. */
export const notSubscriptable = (value: Value): AnkiRefused => {
  if (typeof value === 'string') return new AnkiRefused("string indices must be integers, not 'str'");
  if (Array.isArray(value)) return new AnkiRefused('list indices must be integers or slices, not str');
  return new AnkiRefused(`'${typeName(value)}' object is not subscriptable`);
};

/** Returns a required member. Python's error for a missing one is its name in quotes. */
export const member = (value: Value, key: string): Json => {
  if (!isObject(value)) throw notSubscriptable(value);
  const found = value[key];
  if (found === undefined) throw new AnkiRefused(`'${key}'`);
  return found;
};
