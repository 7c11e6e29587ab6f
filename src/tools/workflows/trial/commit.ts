import type { Difference } from '../../../contract/engine/difference.ts';
import type { Backend } from '../../../contract/backend.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import { fullSyncRisk } from '../../safeguards/full-sync.ts';
import type { Risk } from '../../safeguards/rule.ts';
import type { Scan } from '../../safeguards/scan.ts';
import { everything } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { runAll } from './calls.ts';
import { compared, withCopy } from './copies.ts';
import { fitted, summaryOf } from './difference.ts';
import { take, type Plan } from './plans.ts';
import { takeBack } from './take-back.ts';

/** Carries out a trial in one undo step, after confirmation, if the collection is as it was then. Takes it back if the effect is another. */
export async function commit(context: Context, token: string) {
  const plan = take(context, token);
  await requireUnchanged(context, plan);
  const since = new Date().toISOString();
  await context.approve({
    actions: plan.calls.map(({ tool }) => tool),
    assess: (scan) => risksOf(plan.difference, scan),
  });
  return withCopy(context.backend, async (before) => {
    const step = await carryOut(context, plan, before, since);
    const { difference, fingerprint } = await withCopy(context.backend, (after) => compared(before, after));
    if (fingerprint.content !== plan.fingerprint.content)
      throw new AnkiRefused(
        `${otherEffect(plan, difference)} ${await takeBack(context, { before, step, since })}`,
      );
    const isExact = fingerprint.complete === plan.fingerprint.complete;
    return {
      result: {
        committed: true,
        summary: summaryOf(difference),
        undo: (await context.operate('undoStatus', {})).undo || null,
        ...(!isExact && { difference: fitted(difference, context.budget / 2) }),
      },
      ...(!isExact && {
        note: 'Anki chose other due dates than in the trial, at random; the rest is the same.',
      }),
    };
  });
}

/** Runs the calls, and returns their undo step. Throws AnkiRefused and takes back what was done if a call fails. */
async function carryOut(context: Context, plan: Plan, before: Backend, since: string): Promise<string> {
  let step: string | undefined;
  try {
    await context.asOneStep(async (writing) => {
      await requireUnchanged(writing, plan);
      step = '';
      try {
        await runAll(writing, plan.calls);
      } finally {
        step = await writing.operate('undoStatus', {}).then(
          (status) => status.step,
          () => '', // the engine has stopped, which the failed call reports
        );
      }
    });
    return step ?? '';
  } catch (error) {
    if (step === undefined) throw error; // before the first call
    throw new AnkiRefused(
      `${messageOf(error)} It did not fail in the trial. ${await takeBack(context, { before, step, since })}`,
      { cause: error },
    );
  }
}

async function requireUnchanged({ operate }: Context, { state }: Plan): Promise<void> {
  const now = await operate('collectionState', {});
  if (now.modified === state.modified && now.schema === state.schema) return;
  throw new AnkiRefused(
    'Nothing was changed: the collection is no longer as it was in the trial. Run the trial again and show the user the new difference.',
  );
}

function otherEffect({ difference: tried, isRandom }: Plan, difference: Difference): string {
  const [now, then] = [summaryOf(difference), summaryOf(tried)];
  const what =
    now === then ? `the same numbers (${now}), but of other cards or values` : `${now} instead of ${then}`;
  const why = isRandom
    ? ' A filtered deck in random order gets other cards each time it is built. Try it with another order, or with a limit that all found cards fit in.'
    : now === then
      ? ' One of the calls may choose at random, or depend on the time.'
      : '';
  return `The effect was not that of the trial: ${what}.${why}`;
}

async function risksOf(difference: Difference, scan: Scan): Promise<readonly Risk[]> {
  const sync = difference.fullSync ? fullSyncRisk(scan) : undefined;
  const later =
    difference.fullSync && !sync ? '. If the collection is synced, its next sync must be a full one' : '';
  const describe = () => `Carry out the tried changes: ${summaryOf(difference)}${later}`;
  const risk: Risk = { kind: 'deletes', of: ['trial'], searches: [everything], describe };
  return sync ? [risk, sync] : [risk];
}
