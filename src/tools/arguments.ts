import { z } from 'zod';
import { cutToBytes, echo } from '../lib/cut.ts';
import { nearest } from '../lib/nearest.ts';
import { normalize } from './normalize.ts';

/** Invalid arguments. The message names the path, the expected type, and a similar name. */
export class InvalidArguments extends Error {
  override readonly name = 'InvalidArguments';
}

/** Reads arguments by a tool's schema, tolerant of their form but not of their meaning. Throws InvalidArguments. */
export function parseBy<S extends z.ZodType>(name: string, schema: S, args: unknown): z.output<S> {
  const parsed = schema.safeParse(normalize(schema, args));
  if (parsed.success) return parsed.data;
  throw new InvalidArguments(explain(name, schema, parsed.error));
}

/** The names of a set or of a map. */
export type Names = Pick<ReadonlySet<string>, 'has'> & { keys(): Iterable<string> };

/** Returns the error message for a tool that is not offered. */
export function unknownTool(name: string, allowed: Names): string {
  const similar = nearest(name, allowed.keys());
  return `The tool "${echo(name)}" does not exist or is disabled by the server's options${similar === undefined ? '.' : `; did you mean "${similar}"?`}`;
}

/** Maximum number of errors in one message, and maximum size of the message in bytes. */
const limits = { errors: 8, bytes: 2_000 };

function explain(name: string, schema: z.ZodType, error: z.ZodError): string {
  const count = error.issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1),
    0,
  );
  const lines = error.issues
    .slice(0, limits.errors)
    .flatMap((issue) => describe(issue, schema))
    .slice(0, limits.errors);
  const more = count > lines.length ? [`… and ${count - lines.length} more errors`] : [];
  const text = [`Invalid arguments for ${name}. Nothing was sent to Anki:`, ...lines, ...more].join('\n- ');
  return cutToBytes(text, limits.bytes);
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = membersAt(schema, issue.path);
    return issue.keys.slice(0, limits.errors).map((key) => {
      const similar = nearest(key, known);
      const hint = similar === undefined ? '' : ` did you mean "${similar}"?`;
      return `${path || 'the arguments'}: unknown member "${echo(key)}";${hint} known members: ${known.join(', ') || 'none'}`;
    });
  }
  const problem = issue.message.replace(/^Invalid input: /, '');
  return [`${path || 'the arguments'}: ${problem.replace(/, received undefined$/, ', but it is missing')}`];
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${echo(String(key))}`))
    .join('')
    .replace(/^\./, '');

/** Returns the names of the members of an object schema at a path. */
function membersAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const bare = unwrap(schema);
  const [key, ...rest] = path;
  if (bare instanceof z.ZodObject) {
    if (key === undefined) return Object.keys(bare.shape);
    const member: z.core.$ZodType | undefined = bare.shape[String(key)];
    return member ? membersAt(member, rest) : [];
  }
  if (bare instanceof z.ZodArray && key !== undefined) return membersAt(bare.element, rest);
  return [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap());
  }
  return schema instanceof z.ZodPipe
    ? unwrap(schema.in instanceof z.ZodTransform ? schema.out : schema.in)
    : schema;
}
