import * as fc from 'fast-check';
import { isActionName } from '../../src/contract/index.ts';
import { manifest } from '../../src/tools/manifest.ts';
import type { ManifestTool } from '../../src/tools/manifest-tool.ts';
import { FromSchema, type Draw, type Schema } from './arbitrary.ts';
import { invalid } from './invalid-arguments.ts';

export const tools: readonly ManifestTool[] = manifest();

const isSchema = (member: unknown): member is Schema => typeof member === 'object' && member !== null;

/** The schema of addNote's note, to which the schemas of other tools refer. */
const note = tools.find(({ name }) => name === 'addNote')?.inputSchema.properties?.['note'];

function shared(name: string): Schema | undefined {
  if (!isSchema(note)) return undefined;
  const member = name === 'note' || name === 'notes' ? note : note.properties?.[name];
  return isSchema(member) ? member : undefined;
}

const calm = new FromSchema(shared, true);
const wild = new FromSchema(shared, false);

/** Generates arguments of a tool from its schema. Calls in a batch or of runAction are generated from their own schemas. */
function by(
  values: FromSchema,
  { name, inputSchema }: ManifestTool,
  offered: readonly ManifestTool[],
): fc.Arbitrary<Draw> {
  if (name !== 'multi' && name !== 'runAction') return values.of(inputSchema);
  const actions = offered.filter((tool) => tool.name !== 'multi' && isActionName(tool.name));
  const calls = actions.map((tool) =>
    values.of(tool.inputSchema).map((params): Draw => (world) => ({
      action: tool.name,
      params: params(world),
    })),
  );
  if (name === 'runAction') return fc.oneof(...calls);
  return fc.array(fc.oneof(...calls), { maxLength: 5 }).map((draws): Draw => (world) => ({
    actions: draws.map((draw) => draw(world)),
  }));
}

/** Generates valid arguments, usual and unusual ones; a third of them get errors. */
export function argumentsOf(
  tool: ManifestTool,
  offered: readonly ManifestTool[] = tools,
): fc.Arbitrary<Draw> {
  const [usual, unusual] = [by(calm, tool, offered), by(wild, tool, offered)];
  return fc.oneof(
    { weight: 3, arbitrary: usual },
    { weight: 1, arbitrary: unusual },
    { weight: 1, arbitrary: invalid(usual) },
    { weight: 1, arbitrary: invalid(unusual) },
  );
}

/** Texts that only JavaScript's own errors, or values printed by mistake, contain. */
const javaScript =
  /\bundefined\b|\[object |Cannot (?:read|set|convert|mix)|is not a function|(?<!' object )is not iterable|Maximum call stack|cannot encode|\bBigInt\b|(?:Type|Range|Reference|Syntax)Error|\.[jt]s:\d+|engine stopped/;

export const leakIn = (text: string): string | undefined => javaScript.exec(text)?.[0];
