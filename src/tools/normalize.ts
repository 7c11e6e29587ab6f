import { z } from 'zod';
import { isMeantWhenEmpty } from '../contract/schemas.ts';
import { jsonIn } from '../lib/json.ts';

type Schema = z.core.$ZodType;

/**
 * Returns the arguments in the form that the schema describes, where that is unambiguous: null and empty optional members
 * are left out, digits become numbers, JSON texts become lists and objects, one value becomes a list of one. Text stays
 * exactly as sent where the schema says text. Everything else stays, so that validation reports it.
 */
export function normalize(schema: Schema, value: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return value === null ? value : normalize(schema.unwrap(), value);
  if (schema instanceof z.ZodPipe) return normalizePipe(schema, value);
  if (schema instanceof z.ZodUnion) return normalizeUnion(schema.options, value);
  if (schema instanceof z.ZodArray) return toList(schema.element, value);
  if (schema instanceof z.ZodObject) return toObject(value, (members) => withMembers(schema.shape, members));
  if (schema instanceof z.ZodRecord) {
    return toObject(value, (members) => mapMembers(members, (member) => normalize(schema.valueType, member)));
  }
  if (schema instanceof z.ZodNumber) return toNumber(value);
  if (schema instanceof z.ZodBoolean) return toBoolean(value);
  if (schema instanceof z.ZodLiteral) return toLiteral(schema.values, value);
  return schema instanceof z.ZodString && ['number', 'boolean'].includes(typeof value)
    ? String(value)
    : value;
}

/** A schema with its own preparation reads text itself, unless the text is JSON. */
function normalizePipe({ in: input, out }: z.ZodPipe, value: unknown): unknown {
  if (out instanceof z.ZodTransform) return normalize(input, value);
  const isOwnText = input instanceof z.ZodTransform && typeof value === 'string';
  return isOwnText && structureIn(value) === undefined ? value : normalize(out, value);
}

/** What one of the options accepts stays. Otherwise the first option decides whose form fits. */
function normalizeUnion(options: readonly Schema[], value: unknown): unknown {
  if (options.some((option) => z.safeParse(option, value).success)) return value;
  const forms = options.map((option) => [option, normalize(option, value)] as const);
  const fitting = forms.find(([option, form]) => z.safeParse(option, form).success);
  return fitting ? fitting[1] : value;
}

function toList(element: Schema, value: unknown): unknown {
  const read = typeof value === 'string' ? listIn(value, element) : value;
  if (read === null || read === undefined) return read;
  const items: readonly unknown[] = Array.isArray(read) ? read : [read];
  // Decided once: there may be many thousand ids, and zod's instanceof is slow.
  return items.map(element instanceof z.ZodNumber ? toNumber : (item) => normalize(element, item));
}

/** Reads a JSON list, or digits separated by commas where the items are numbers. */
function listIn(text: string, element: Schema): unknown {
  const parsed = structureIn(text);
  if (Array.isArray(parsed)) return parsed;
  return element instanceof z.ZodNumber && /^\s*\d+(\s*,\s*\d+)+\s*$/.test(text) ? text.split(',') : text;
}

function toObject(value: unknown, change: (members: object) => object): unknown {
  const read = typeof value === 'string' ? (structureIn(value) ?? value) : value;
  return typeof read === 'object' && read !== null && !Array.isArray(read) ? change(read) : read;
}

const withMembers = (shape: Readonly<Record<string, Schema>>, members: object): object =>
  Object.fromEntries(
    Object.entries(members).flatMap(([name, value]: [string, unknown]) => {
      const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (!schema) return [[name, value]];
      if (isLeftOut(schema, value, members)) return [];
      return [[name, normalize(schema, value)]];
    }),
  );

/** True for an optional member that the client sent only because it sends every member. */
function isLeftOut(schema: Schema, value: unknown, siblings: object): boolean {
  if (!(schema instanceof z.ZodOptional)) return false;
  if (value === null) return !z.safeParse(schema, null).success;
  if (schema.unwrap() instanceof z.ZodNumber && toNumber(value) === 0) return !z.safeParse(schema, 0).success;
  return isEmpty(value) && !isMeantWhenEmpty(schema, siblings);
}

const isEmpty = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

const mapMembers = (members: object, change: (member: unknown) => unknown): object =>
  Object.fromEntries(
    Object.entries(members).map(([name, member]: [string, unknown]) => [name, change(member)]),
  );

function toNumber(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*-?\d+(\.\d+)?\s*$/.test(value)) return value;
  const number = Number(value);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : value;
}

function toBoolean(value: unknown): unknown {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return word === 'true' ? true : word === 'false' ? false : value;
}

const toLiteral = (values: ReadonlySet<unknown>, value: unknown): unknown =>
  [toNumber(value), toBoolean(value)].find((form) => values.has(form)) ?? value;

/** Returns the list or object that a text is the JSON of. */
const structureIn = (text: string): unknown => (/^\s*[[{]/.test(text) ? jsonIn(text) : undefined);
