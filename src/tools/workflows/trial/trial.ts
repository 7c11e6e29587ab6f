import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { workflow, type Context } from '../../workflow.ts';
import { calls, CallFailed, requireTriable, runAll, type Calls } from './calls.ts';
import { commit } from './commit.ts';
import { compared, withCopy } from './copies.ts';
import { fitted, summaryOf } from './difference.ts';
import { keep } from './plans.ts';

const input = z.strictObject({
  calls: calls.min(1).max(100).optional(),
  commit: z.string().optional().describe('Token of a trial'),
});

const output = z.looseObject({
  token: z.string().optional(),
  summary: z.string().optional(),
  difference: z.record(z.string(), z.unknown()).optional().describe('[old, new], with counts and samples'),
  results: z.array(z.string()).optional().describe('Their beginning'),
  undo: z.string().nullish().describe('Name of the undo step; null if Anki cannot undo it'),
  committed: z.boolean().optional(),
});

export const trial = workflow({
  title: 'Try changes',
  description:
    'Runs tool calls on a copy of the collection and returns the exact difference and a token. commit then does the same in the collection, after confirmation, in one undo step, if it has not changed.',
  annotations: overwrites,
  needsEngine: true,
  input,
  output,
  async run(context, { calls: list, commit: token }) {
    if (token !== undefined && list)
      throw new AnkiRefused('Pass calls or commit, not both. Nothing was changed.');
    if (token !== undefined) return commit(context, token);
    if (!list)
      throw new AnkiRefused('Pass the calls to try: [{"tool": "deleteNotes", "args": {"notes": [1]}}].');
    requireTriable(list);
    return tried(context, list);
  },
});

const tried = (context: Context, list: Calls) =>
  withCopy(context.backend, async (before) => {
    const state = await context.operate('collectionState', {});
    return withCopy(before, async (after) => {
      const inCopy = context.on(after);
      const results = await runAll(inCopy, list).catch((error: unknown) => {
        if (!(error instanceof CallFailed)) throw error;
        throw new AnkiRefused(`Nothing was changed. ${error.message}`, { cause: error });
      });
      const { undo } = await inCopy.operate('undoStatus', {});
      const { difference, fingerprint } = await compared(before, after);
      const isRandom = await buildsAtRandom(inCopy, list);
      const token = keep(context, { calls: list, state, difference, fingerprint, isRandom });
      return {
        result: {
          token,
          summary: summaryOf(difference),
          difference: fitted(difference, context.budget / 2),
          undo: undo || null,
          results: results.slice(0, 20),
        },
        ...(isRandom && { note: random }),
      };
    });
  });

/** Returns true if the calls built a filtered deck in random order. */
async function buildsAtRandom({ operate }: Context, list: Calls): Promise<boolean> {
  if (!list.some(({ tool }) => tool === 'filteredDeck')) return false;
  const decks = await operate('filteredDecks', {});
  return decks.some(({ searches }) => searches.some((search) => search.order === 'random'));
}

const random =
  'A filtered deck has a random order. If it does not get all cards that its search finds, commit gets other cards than this trial, and then takes itself back: use another order.';
