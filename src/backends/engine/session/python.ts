import { AnkiRefused } from '../../../contract/errors.ts';
import { isObject, type Json, printJson } from '../../../lib/json.ts';
import { iterate, truthy, typeName } from '../../../anki-connect/python.ts';

// Anki-Connect is written in Python, and its callers see what Python makes of an odd value. What they see is kept here.

type Value = Json | undefined;

/** The engine's ids have 64 bits. */
const within = (value: bigint): bigint => {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new AnkiRefused(`Value out of range: ${value}`);
};

/** An id as the engine takes it: null counts as 0, text and fractions are refused. */
export const id = (value: Value): bigint => {
  if (typeof value === 'bigint') return within(value);
  if (value === null || value === undefined) return 0n;
  if (typeof value === 'number' && Number.isInteger(value)) return within(BigInt(value));
  throw new AnkiRefused(`'${typeName(value)}' object cannot be interpreted as an integer`);
};

/** A list of ids as the engine takes it; null counts as an empty list. */
export const ids = (value: Value): bigint[] => (truthy(value) ? iterate(value).map(listedId) : []);

const listedId = (value: Json): bigint => {
  if (value === null) throw new AnkiRefused("'NoneType' object cannot be interpreted as an integer");
  return id(value);
};

/** A text as the engine takes it. Lone surrogates are refused: they cannot be stored. */
export const text = (value: Value): string => {
  if (typeof value !== 'string') throw new AnkiRefused('bad argument type for built-in operation');
  if (value.isWellFormed()) return value;
  const position = [...value].findIndex((sign) => !sign.isWellFormed());
  const code = [...value][position]?.charCodeAt(0).toString(16);
  throw new AnkiRefused(
    `'utf-8' codec can't encode character '\\u${code}' in position ${position}: surrogates not allowed`,
  );
};

/** An id where the add-on itself turns text, fractions and booleans into an integer. */
export const numeric = (value: Value): bigint => {
  if (typeof value === 'bigint') return within(value);
  if (typeof value === 'boolean') return BigInt(value);
  if (value === Infinity || value === -Infinity)
    throw new AnkiRefused('cannot convert float infinity to integer');
  if (typeof value === 'number') return within(BigInt(Math.trunc(value)));
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return within(BigInt(value.trim()));
  const given = value === undefined ? 'nothing' : printJson(value, 'digits');
  throw new AnkiRefused(`An id is expected, an integer, and not ${given}.`);
};

/** A value within a sentence. */
export const str = (value: Value): string => {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return printJson(value, 'digits');
};

/** A member that has to be there; its bare name in quotes is what Python says when it is not. */
export const member = (value: Value, key: string): Json => {
  if (!isObject(value))
    throw new AnkiRefused(`An object is expected, with "${key}" in it, not ${str(value)}.`);
  const held = value[key];
  if (held === undefined) throw new AnkiRefused(`'${key}'`);
  return held;
};
