import type { Difference } from '../../../contract/engine/difference.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import type { Risk } from '../../safeguards/rule.ts';
import { everything } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { runAll } from './calls.ts';
import { compared, withCopy } from './copies.ts';
import { fitted, summaryOf } from './difference.ts';
import { take, type Plan } from './plans.ts';

/** Carries out a trial in one undo step, after confirmation, if the collection is as it was then. Takes it back if the effect is another. */
export async function commit(context: Context, token: string) {
  const plan = take(context, token);
  await requireUnchanged(context, plan);
  await context.approve({
    actions: plan.calls.map(({ tool }) => tool),
    assess: async () => risksOf(plan.difference),
  });
  return withCopy(context.backend, async (before) => {
    await requireUnchanged(context, plan);
    await runAll(context, plan.calls).catch(async (error: unknown) => {
      throw new AnkiRefused(
        `${messageOf(error)} It did not fail in the trial. ${await takenBack(context, plan)}`,
        { cause: error },
      );
    });
    const { difference, fingerprint } = await withCopy(context.backend, (after) => compared(before, after));
    if (fingerprint.content !== plan.fingerprint.content)
      throw new AnkiRefused(
        `The effect was not that of the trial (${summaryOf(difference)} instead of ${summaryOf(plan.difference)}). ${await takenBack(context, plan)}`,
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

async function requireUnchanged({ operate }: Context, { state }: Plan): Promise<void> {
  const now = await operate('collectionState', {});
  if (now.modified === state.modified && now.schema === state.schema) return;
  throw new AnkiRefused(
    'Nothing was changed: the collection is no longer as it was in the trial. Run the trial again and show the user the new difference.',
  );
}

/** Undoes what was carried out, if it is the last step, and says so. */
async function takenBack(context: Context, { state }: Plan): Promise<string> {
  const now = await context.operate('collectionState', {});
  if (now.modified === state.modified) return 'Nothing was changed.';
  const { steps } = await context.operate('undo', { steps: 1 });
  return steps.length > 0
    ? `It was undone (${steps.join()}).`
    : 'Anki could not undo it: a part was carried out. The backup that was made before restores the rest (backups).';
}

function risksOf(difference: Difference): readonly Risk[] {
  const describe = () => `Carry out the tried changes: ${summaryOf(difference)}`;
  const risk: Risk = { kind: 'deletes', of: ['trial'], searches: [everything], describe };
  if (!difference.fullSync) return [risk];
  return [risk, { kind: 'fullSync', of: ['trial'], describe: () => 'Make the next sync a full one' }];
}
