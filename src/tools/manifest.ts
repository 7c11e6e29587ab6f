import { z } from 'zod';
import type { Annotations } from '../contract/action.ts';
import { categories } from '../contract/index.ts';
import { shownInput } from './action-call.ts';
import { anyAction } from './any-action.ts';
import { returnsContent } from './media/media-result.ts';
import type { JsonSchema, ManifestTool } from './manifest-tool.ts';
import { anyActionName, type Categories } from './toolsets.ts';
import type { PanelUse } from './workflow.ts';
import * as workflows from './workflows/index.ts';

interface Definition {
  readonly title: string;
  readonly description: string;
  readonly annotations: Annotations;
  readonly input: z.ZodObject;
  readonly output?: z.ZodType;
  readonly needsEngine?: true;
  readonly ui?: PanelUse;
}

/** Removes what does not help a model, because a model reads every byte. Unknown arguments are refused even if the schema does not say so. */
function compact(schema: JsonSchema, io: 'input' | 'output'): void {
  if (schema.type === 'integer') {
    if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
    if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  }
  delete schema.propertyNames;
  if (Object.keys(schema.properties ?? { any: true }).length === 0) delete schema.properties;
  if (io === 'output') delete schema.required;
  if (!describesFields(schema.additionalProperties)) delete schema.additionalProperties;
}

const describesFields = (schema: JsonSchema['additionalProperties']): boolean =>
  typeof schema === 'object' && Object.keys(schema).length > 0;

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // Without $schema: some clients refuse dialects that they do not know.
  const override = (context: { jsonSchema: JsonSchema }) => compact(context.jsonSchema, io);
  const { $schema: _, '~standard': __, ...rest } = z.toJSONSchema(schema, { io, override });
  // The root keeps an empty list of properties, which some clients require.
  const complete = io === 'input' ? { ...rest, properties: rest.properties ?? {} } : rest;
  return JSON.parse(JSON.stringify(complete), (_key, member: unknown) => withOneType(member));
}

/** Replaces a list of types by alternatives, because some clients refuse such a list. */
function withOneType(member: unknown): unknown {
  if (typeof member !== 'object' || member === null || !('type' in member)) return member;
  const { type, ...rest } = member;
  return Array.isArray(type) ? { anyOf: type.map((each: unknown) => ({ type: each })), ...rest } : member;
}

const toTool = ([name, definition]: readonly [string, Definition]): ManifestTool => ({
  name,
  title: definition.title,
  description: definition.description,
  inputSchema: jsonSchema(shownInput(name, definition.input), 'input'),
  ...(definition.output &&
    !returnsContent(name) && {
      outputSchema: {
        ...jsonSchema(z.looseObject({ result: definition.output }), 'output'),
        required: ['result'],
      },
    }),
  annotations: definition.annotations,
  ...(definition.needsEngine && { needsEngine: true }),
  ...(definition.ui && { ui: definition.ui }),
});

type Definitions = Readonly<Record<string, Definition>>;

/** Returns the workflows that models see, or those that only panels call. */
const workflowsFor = (user: 'model' | 'panel'): Definitions => {
  const all: Definitions = { ...workflows };
  return Object.fromEntries(
    Object.entries(all).filter(([, { ui }]) => (ui?.appOnly === true) === (user === 'panel')),
  );
};

/** Workflows, and actions by category, as in docs/tools.md. */
const groups: Readonly<Record<string, Definitions>> = {
  workflows: { ...workflowsFor('model'), [anyActionName]: anyAction },
  'only for panels': workflowsFor('panel'),
  ...categories,
};

/** Returns the tools of tools/list, sorted by name. */
export const manifest = (): ManifestTool[] =>
  Object.values(groups)
    .flatMap((group) => Object.entries(group))
    .map(toTool)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Returns the names of actions by category. */
export const actionsByCategory = (): Categories =>
  Object.fromEntries(Object.entries(categories).map(([name, group]) => [name, Object.keys(group)]));

/** Returns the tables of docs/tools.md, one for each category. */
export const toolTable = (): string =>
  Object.entries(groups)
    .map(([category, tools]) => {
      const rows = Object.entries(tools).map(
        ([name, { description, annotations, needsEngine }]) =>
          `| \`${name}\`${needsEngine ? ' (engine)' : ''} | ${effect(annotations)} | ${cell(description)} |`,
      );
      return [`**${category}** (${rows.length})`, '', '| tool | | |', '|---|---|---|', ...rows].join('\n');
    })
    .join('\n\n');

const effect = ({ readOnlyHint, destructiveHint }: Annotations): string =>
  readOnlyHint ? 'reads' : destructiveHint ? 'replaces or deletes' : 'adds';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
