import { z } from 'zod';
import { actions, isActionName, type ActionName, type Params } from '../contract/index.ts';
import { nearest } from '../lib/nearest.ts';
import type { Json } from '../lib/json.ts';

/** The arguments do not fit: the message names the place, what was expected, and the name that was probably meant. */
export class InvalidArguments extends Error {
  override readonly name = 'InvalidArguments';
}

/** Checks arguments by a tool's schema. */
export function parseBy<S extends z.ZodType>(name: string, schema: S, given: unknown): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidArguments(explain(name, schema, parsed.error));
}

/** Checks arguments by the action's own schema; in a `multi`, those of every child. Only `allowed` actions pass. */
export function parseArguments<N extends ActionName>(
  name: N,
  given: unknown,
  allowed: ReadonlySet<string>,
): Params<N> {
  const parsed = parseBy(name, actions[name].input, given);
  if (name !== 'multi') return toParams<N>(parsed);
  const { actions: children } = actions.multi.input.parse(given);
  return toParams<N>({ actions: children.map((child, index) => parseChild(child, index, allowed)) });
}

// Parsed by the schema of that very name, which is lost in the union.
const toParams = <N extends ActionName>(parsed: object): Params<N> => parsed;

function parseChild(
  child: { readonly action: string; readonly params?: object | undefined },
  index: number,
  allowed: ReadonlySet<string>,
): Json {
  const { action } = child;
  if (!isActionName(action) || !allowed.has(action)) {
    throw new InvalidArguments(`actions[${index}]: ${unknownTool(action, allowed)}`);
  }
  try {
    return { action, version: 6, params: parseArguments(action, child.params ?? {}, allowed) };
  } catch (error) {
    if (error instanceof InvalidArguments) throw new InvalidArguments(`actions[${index}]: ${error.message}`);
    throw error;
  }
}

export function unknownTool(name: string, allowed: Iterable<string>): string {
  const meant = nearest(name, allowed);
  return `There is no tool "${name}" here, or it was left out when the server was started${meant === undefined ? '.' : `; did you mean "${meant}"?`}`;
}

function explain(name: string, schema: z.ZodType, error: z.ZodError): string {
  const lines = error.issues.slice(0, 8).flatMap((issue) => describe(issue, schema));
  const more = error.issues.length > 8 ? [`… and ${error.issues.length - 8} more`] : [];
  return [`The arguments of ${name} do not fit, and nothing was sent to Anki:`, ...lines, ...more].join(
    '\n- ',
  );
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = membersAt(schema, issue.path);
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const hint =
        meant === undefined ? `it knows ${known.join(', ') || 'none'}` : `did you mean "${meant}"?`;
      return `${path || 'the arguments'}: unknown member "${key}"; ${hint}`;
    });
  }
  const words = issue.message.replace(/^Invalid input: /, '');
  return [`${path || 'the arguments'}: ${words.replace(/, received undefined$/, ', and it is missing')}`];
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');

/** The names of the members that an object schema has at a path. */
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
