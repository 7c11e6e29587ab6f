import { z } from 'zod';
import { AnkiRefused } from '../../../contract/errors.ts';
import { printJson, type Json } from '../../../lib/json.ts';
import { echo } from '../../../lib/cut.ts';
import { anyActionName } from '../../toolsets.ts';
import type { Context } from '../../workflow.ts';

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

/** Throws if a call cannot be tried. */
export function requireTriable(list: Calls): void {
  const names = list.flatMap(({ tool, args }) => namesIn(tool, args));
  const refused = names.find((name) => excluded.has(name) || name.startsWith('gui'));
  if (refused === undefined) return;
  throw new AnkiRefused(
    `Nothing was tried: ${refused} acts outside of the notes, cards and decks of the collection, so a trial cannot show its effect. Leave it out.`,
  );
}

/** Returns the names of a call and of those in it: of runAction and multi. */
function namesIn(tool: string, args: unknown): string[] {
  if (typeof args !== 'object' || args === null) return [tool];
  const member = (key: string): unknown => Object.entries(args).find(([name]) => name === key)?.[1];
  if (tool === anyActionName) return [tool, ...namesIn(String(member('action')), member('params'))];
  const children = member('actions');
  if (tool !== 'multi' || !Array.isArray(children)) return [tool];
  return [tool, ...children.flatMap((child: unknown) => childNames(child))];
}

const childNames = (child: unknown): string[] => {
  if (typeof child !== 'object' || child === null || !('action' in child)) return [];
  return namesIn(String(child.action), 'params' in child ? child.params : undefined);
};

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
