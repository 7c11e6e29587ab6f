import { setImmediate } from 'node:timers/promises';
import type { Context } from '../../workflow.ts';
import { findFault } from '../lint.ts';
import { valuesOf } from '../../reading.ts';
import { type CollectionFacts, type Draft, draftOf, type SaveSettings, unsettled } from './save-draft.ts';
import { findDuplicates, resolveDuplicates, type SeenNotes } from './save-duplicates.ts';
import { loadNoteTypes } from './save-lookup.ts';
import { warnOfMissingMedia } from './save-missing-media.ts';

/** Notes that were checked against the collection. */
export interface CheckedNotes {
  /** Those that can be saved have no outcome yet. */
  readonly drafts: readonly Draft[];
  readonly newDecks: readonly string[];
}

/** Checks notes before anything is written. `seen` are the notes of earlier parts of the same call. */
export async function check(
  context: Context,
  input: SaveSettings,
  facts: CollectionFacts,
  seen: SeenNotes = new Map(),
): Promise<CheckedNotes> {
  const drafts: Draft[] = [];
  for (const [index, note] of input.notes.entries()) {
    drafts.push(await draftOf(note, index, input, facts));
    await setImmediate(); // lets other calls run
  }
  context.signal?.throwIfAborted();
  settleRepeatedIds(drafts);
  lint(drafts);
  const { onDuplicate = 'skip', duplicateScope = 'type' } = input;
  const [duplicates] = await Promise.all([
    findDuplicates(context, drafts, facts, onDuplicate, duplicateScope, seen),
    loadNoteTypes(context, drafts, facts),
    warnOfMissingMedia(context, drafts),
  ]);
  lint(drafts);
  resolveDuplicates(drafts, duplicates, onDuplicate);
  lint(drafts);
  return { drafts, newDecks: decksToCreate(drafts, facts) };
}

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
    const before = target && valuesOf(target);
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
