import { setImmediate } from 'node:timers/promises';
import { adds } from '../../../contract/action.ts';
import { workflow } from '../../workflow.ts';
import { joined } from '../joined.ts';
import { findFault } from '../lint.ts';
import { type CollectionFacts, type Draft, draftOf, unsettled } from './save-draft.ts';
import { saveInput, saveOutput } from './save-input.ts';
import {
  findDuplicates,
  identifyDuplicates,
  loadNoteTypes,
  lookUp,
  resolveDuplicates,
} from './save-lookup.ts';
import { prepare, readUploads } from './save-media.ts';
import { report } from './save-report.ts';
import { verify } from './save-verifying.ts';
import { checkUpdates, planWrites, write } from './save-writing.ts';

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
    const facts = await lookUp(reading, input);
    const drafts: Draft[] = [];
    for (const [index, note] of input.notes.entries()) {
      drafts.push(await draftOf(note, index, input, facts));
      await setImmediate(); // lets other calls run
    }
    context.signal?.throwIfAborted();
    settleRepeatedIds(drafts);
    lint(drafts);
    const { onDuplicate = 'skip' } = input;
    const [duplicates] = await Promise.all([
      findDuplicates(reading, drafts, onDuplicate),
      loadNoteTypes(reading, drafts, facts),
    ]);
    lint(drafts);
    resolveDuplicates(drafts, duplicates, onDuplicate);
    lint(drafts);
    const uploads = await readUploads(context, drafts);
    const newDecks = decksToCreate(drafts, facts);
    if (input.dryRun) settleDryRun(drafts);
    else {
      await checkUpdates(context, drafts);
      await context.asOneStep(async (writing) => {
        await prepare(writing, drafts, newDecks, uploads);
        await write(writing, drafts, onDuplicate === 'add');
      });
      await Promise.all([verify(reading, drafts), identifyDuplicates(reading, drafts)]);
    }
    return { result: report(drafts, input, newDecks, context.budget) };
  },
});

function settleRepeatedIds(drafts: readonly Draft[]): void {
  const first = new Map<number, number>();
  for (const { input, index } of drafts)
    if (input.id !== undefined && !first.has(input.id)) first.set(input.id, index);
  for (const draft of unsettled(drafts)) {
    const earlier = first.get(draft.input.id ?? 0) ?? draft.index;
    if (earlier !== draft.index) draft.settle('invalid', `notes[${earlier}] has the same id.`);
  }
}

/** Settles notes that Anki would refuse. If the existing note already had the same fault, it is only a warning. */
function lint(drafts: readonly Draft[]): void {
  for (const draft of unsettled(drafts)) {
    const { type, target } = draft;
    const changed = [...Object.keys(draft.fields), ...draft.media.map(({ field }) => field)];
    if (!type || changed.length === 0) continue;
    const fault = findFault(
      type,
      { ...draft.allFields, ...draft.withMedia() },
      target ? changed : type.flds.map(({ name }) => name),
    );
    if (fault === undefined) continue;
    const before =
      target && Object.fromEntries(Object.entries(target.fields).map(([name, { value }]) => [name, value]));
    if (!before || findFault(type, before, changed) === undefined) draft.settle('invalid', fault);
    else if (!draft.warnings.includes(fault)) draft.warnings.push(fault);
  }
}

const decksToCreate = (drafts: readonly Draft[], { decks }: CollectionFacts): string[] => [
  ...new Set(
    unsettled(drafts)
      .filter(({ target }) => !target)
      .flatMap(({ deck }) => (deck === undefined || decks.includes(deck) ? [] : [deck])),
  ),
];

/** Gives each draft the outcome that saving would have. */
function settleDryRun(drafts: readonly Draft[]): void {
  const { adding, updating } = planWrites(drafts);
  for (const draft of adding) draft.settle('created');
  for (const [draft] of updating) draft.settle('updated');
}
