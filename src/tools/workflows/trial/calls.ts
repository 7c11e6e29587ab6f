import { z } from 'zod';
import { AnkiRefused } from '../../../contract/errors.ts';
import { actions } from '../../../contract/index.ts';
import { printJson, type Json } from '../../../lib/json.ts';
import { echo } from '../../../lib/cut.ts';
import { parseAction, type ActionCall } from '../../action-call.ts';
import { anyAction } from '../../any-action.ts';
import { parseBy } from '../../arguments.ts';
import { anyActionName } from '../../toolsets.ts';
import type { Context } from '../../workflow.ts';
import { importInput } from '../import-notes/import-input.ts';
import { saveInput } from '../save-notes/save-input.ts';

export const calls = z.array(
  z.strictObject({ tool: z.string(), args: z.record(z.string(), z.unknown()).optional() }),
);

export type Calls = z.output<typeof calls>;

/** Tools whose effects are outside of the collection, or that a copy cannot show. */
const excluded = new Set([
  'backups',
  'deleteMediaFile',
  'exportNotes',
  'exportPackage',
  'loadProfile',
  'occludeImage', // a copy has no media; it has a dry run of its own
  'retrieveMediaFile',
  'storeMediaFile',
  'study',
  'sync',
  'trial',
  'undo',
]);

/** Schemas of the tools that let the user approve notes one by one. */
const withReview = new Map([
  ['saveNotes', z.looseObject({ review: saveInput.shape.review })],
  ['importNotes', z.looseObject({ review: importInput.shape.review })],
]);

/** Throws if a call cannot be tried. */
export function requireTriable(list: Calls): void {
  const names = list.flatMap(({ tool, args = {} }, index) => {
    try {
      return namesIn(tool, args);
    } catch (error) {
      throw new AnkiRefused(`Nothing was tried. ${new CallFailed(index, tool, error).message}`, {
        cause: error,
      });
    }
  });
  const refused = names.find((name) => excluded.has(name) || name.startsWith('gui'));
  if (refused === undefined) return;
  throw new AnkiRefused(
    `Nothing was tried: ${refused} acts outside of the notes, cards and decks of the collection, so a trial cannot show its effect. Leave it out.`,
  );
}

/** Returns the names of a call and of those in it: of runAction and multi, whose arguments are read as when they run. */
function namesIn(tool: string, args: unknown): string[] {
  const schema = withReview.get(tool);
  if (schema && parseBy(tool, schema, args).review)
    throw new AnkiRefused(
      'with review: true the user decides about each note, so a trial cannot show its effect. Leave out review: the user confirms the whole trial.',
    );
  if (tool === anyActionName) {
    const { action, params } = parseBy(tool, anyAction.input, args);
    return [tool, ...namesIn(action, params ?? {})];
  }
  return tool === 'multi' ? namesOf(parseAction(tool, args, actionNames)) : [tool];
}

const actionNames = new Set(Object.keys(actions));

const namesOf = ({ name, children }: ActionCall): string[] => [name, ...children.flatMap(namesOf)];

/** Maximum characters of the result of one call. */
const maxResultChars = 300;

/** Runs the calls in one undo step. Throws an error that names the call if one fails. Returns the beginning of each result. */
export function runAll(context: Context, list: Calls): Promise<readonly string[]> {
  return context.asOneStep(async ({ runTool, signal }) => {
    const results: string[] = [];
    for (const [index, { tool, args = {} }] of list.entries()) {
      signal?.throwIfAborted();
      context.progress?.(`call ${index + 1} of ${list.length}: ${tool}`);
      const result = await runTool(tool, args).catch((error: unknown) => {
        throw new CallFailed(index, tool, error);
      });
      results.push('result' in result ? echo(textOf(result.result), maxResultChars) : 'pictures');
    }
    return results;
  });
}

const textOf = (result: Json): string => (typeof result === 'string' ? result : printJson(result, 'strings'));

/** A call of a trial failed. */
export class CallFailed extends AnkiRefused {
  override readonly name = 'CallFailed';

  constructor(index: number, tool: string, cause: unknown) {
    super(`Call ${index + 1} (${tool}) failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
