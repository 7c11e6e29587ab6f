import { adds } from '../../../contract/action.ts';
import { workflow, type Context } from '../../workflow.ts';
import { joined } from '../../joined.ts';
import { reviewedBefore, reviewNotes } from '../review/review-notes.ts';
import { check } from './save-checking.ts';
import { identifyDuplicates } from './save-duplicates.ts';
import { mediaPath, saveInput, saveOutput, type SaveInput } from './save-input.ts';
import { lookUp } from './save-lookup.ts';
import { prepare, readUploads } from './save-media.ts';
import { report } from './save-report.ts';
import { countSuspended, suspendNew } from './save-suspending.ts';
import { confirm } from './save-verifying.ts';
import { checkUpdates, settleDryRun, write } from './save-writing.ts';

export const saveNotes = workflow({
  title: 'Save notes',
  description:
    'Creates notes, updates those with an id: up to 500, checked before and read back after. Returns totals, createdIds in order, and only the notes that deviate. Fields: HTML, math as $…$. tags of a duplicate are added to the existing ones.',
  annotations: { ...adds, destructiveHint: true, openWorldHint: true },
  input: saveInput,
  output: saveOutput,
  ui: { panel: 'review' },
  paths: (input) =>
    input.notes.flatMap(({ media = [] }) =>
      media.flatMap(({ data, path }) => (!data && path ? [mediaPath(path, input)] : [])),
    ),
  async run(context, input) {
    if (input.review) return reviewed(context, input);
    const reading = joined(context);
    const { drafts, newDecks } = await check(reading, input, await lookUp(reading, input));
    const uploads = await readUploads(context, drafts);
    if (input.dryRun) {
      settleDryRun(drafts);
      await identifyDuplicates(reading, drafts);
      return { result: report(drafts, input, { newDecks }, context.budget) };
    }
    await checkUpdates(context, drafts);
    await context.asOneStep(async (writing) => {
      await prepare(writing, drafts, newDecks, uploads);
      await write(writing, drafts, input.onDuplicate === 'add', input.duplicateScope);
      if (input.suspend) await suspendNew(writing, drafts);
    });
    const [suspended] = await Promise.all([
      input.suspend ? countSuspended(reading, drafts) : undefined,
      confirm(reading, drafts),
    ]);
    return { result: report(drafts, input, { newDecks, suspended }, context.budget) };
  },
});

/** Lets the user approve the notes first. Without notes, says what the user did. */
async function reviewed(context: Context, input: SaveInput) {
  const { notes, tags, dryRun: _, review: __, ...settings } = input;
  if (notes.length === 0) return { result: { review: reviewedBefore(context), notes: [] } };
  const labels = notes.map((___, index) => `notes[${index}]`);
  return reviewNotes(
    context,
    { notes, labels, settings, tags, isVerbatim: false },
    ({ drafts, isDryRun, ...totals }, budget) => report(drafts, { notes, dryRun: isDryRun }, totals, budget),
  );
}
