import { AnkiRefused } from '../contract/errors.ts';
import { isObject, type Json } from '../lib/json.ts';

// Anki-Connect is written in Python, and its callers see how Python treats a JSON value.

type Value = Json | undefined;

/** Returns Python's truth value: null, false, 0, "" and empty lists and objects are false. */
export const truthy = (value: Value): boolean => {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
};

/** Returns the name of a value's type in Python. */
export const typeName = (value: Value): string => {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'bigint') return 'int';
  return Array.isArray(value) ? 'list' : 'dict';
};

/** Returns what a Python loop iterates: the items of a list, the characters of a string, the keys of an object. */
export const iterate = (value: Value): readonly Json[] => {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...value];
  if (typeof value === 'object' && value !== null) return Object.keys(value);
  throw new AnkiRefused(`'${typeName(value)}' object is not iterable`);
};

/** Returns a value as Python prints it inside a list. */
export const repr = (value: Value): string => {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (!isObject(value)) return Array.isArray(value) ? `[${value.map(repr).join(', ')}]` : String(value);
  const members = Object.entries(value).map(([key, item]) => `${quoted(key)}: ${repr(item)}`);
  return `{${members.join(', ')}}`;
};

/** Returns a string literal in which invisible characters are escaped. */
const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes: Record<string, string> = {
    '\\': '\\\\',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    [quote]: `\\${quote}`,
  };
  const escaped = text.replaceAll(/['"\\]|(?! )[\p{C}\p{Z}]/gu, (character) => {
    const known = escapes[character];
    if (known !== undefined || character === "'" || character === '"') return known ?? character;
    const digits = character.codePointAt(0)?.toString(16) ?? '';
    if (digits.length > 4) return `\\U${digits.padStart(8, '0')}`;
    return digits.length > 2 ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`;
  });
  return `${quote}${escaped}${quote}`;
};
