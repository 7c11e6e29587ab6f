import { adds } from '../../../contract/action.ts';
import { workflow } from '../../workflow.ts';
import { joined } from '../joined.ts';
import { check } from './save-checking.ts';
import { saveInput, saveOutput } from './save-input.ts';
import { lookUp } from './save-lookup.ts';
import { prepare, readUploads } from './save-media.ts';
import { report } from './save-report.ts';
import { confirm } from './save-verifying.ts';
import { checkUpdates, settleDryRun, write } from './save-writing.ts';

export const saveNotes = workflow({
  title: 'Save notes',
  description:
    'Creates notes, updates those with an id: up to 500, each checked before and read back after, with one outcome per note. Fields: HTML, math as $…$. Duplicates are skipped by default and returned with the existing id. tags replace, but add to those of a duplicate.',
  annotations: { ...adds, destructiveHint: true, openWorldHint: true },
  input: saveInput,
  output: saveOutput,
  paths: ({ notes }) =>
    notes.flatMap(({ media = [] }) => media.flatMap(({ data, path }) => (!data && path ? [path] : []))),
  async run(context, input) {
    const reading = joined(context);
    const { drafts, newDecks } = await check(reading, input, await lookUp(reading, input));
    const uploads = await readUploads(context, drafts);
    if (input.dryRun) settleDryRun(drafts);
    else {
      await checkUpdates(context, drafts);
      await context.asOneStep(async (writing) => {
        await prepare(writing, drafts, newDecks, uploads);
        await write(writing, drafts, input.onDuplicate === 'add');
      });
      await confirm(reading, drafts);
    }
    return { result: report(drafts, input, newDecks, context.budget) };
  },
});
