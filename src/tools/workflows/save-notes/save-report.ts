import { echo } from '../../../lib/cut.ts';
import { sizeOf } from '../../size.ts';
import type { Data } from '../../workflow.ts';
import type { Draft } from './save-draft.ts';
import type { SaveInput, saveOutput } from './save-input.ts';

type Report = Data<typeof saveOutput>;
type NoteReport = ReturnType<Draft['toJson']>;

/** Bytes around the result. */
const frameBytes = 20;
/** Maximum number of new decks that are named. */
const maxDecks = 20;

/**
 * Returns each outcome in order. If that exceeds the budget: all ids in order, and equal outcomes grouped; then with
 * shorter reasons, then one reason for each outcome, and at last only the numbers.
 */
export function report(
  drafts: readonly Draft[],
  { dryRun = false }: SaveInput,
  decks: readonly string[],
  budget: number,
): Report {
  const notes = drafts.map((draft) => draft.toJson(dryRun));
  const counts: Partial<Record<NoteReport['outcome'], number>> = {};
  for (const { outcome } of notes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const summary = {
    ...(dryRun && { dryRun: 'Nothing was changed. These are the outcomes that saving would have.' }),
    ...counts,
    ...(decks.length > 0 && { decksMade: decks.slice(0, maxDecks).map((deck) => echo(deck)) }),
    ...(decks.length > maxDecks && { moreDecksMade: decks.length - maxDecks }),
  };
  const ids = drafts.map((draft) => draft.twin?.id ?? draft.id ?? null);
  const forms: readonly (() => Report)[] = [
    () => ({ ...summary, notes }),
    () => ({ ...summary, ids, notes: grouped(notes) }),
    ...[400, 100, 40].map((length) => () => ({
      ...summary,
      cut: 'Texts are cut. Save fewer notes in one call to see them.',
      ids,
      notes: grouped(notes.map((note) => shorter(note, length))),
    })),
    () => ({
      ...summary,
      cut: 'One reason of each outcome is shown. Save fewer notes in one call to see the others.',
      ids,
      notes: byOutcome(notes),
    }),
  ];
  for (const form of forms) {
    const result = form();
    if (sizeOf(result) <= budget - frameBytes) return result;
  }
  return { ...counts, cut: 'The ids exceed the byte limit. Save fewer notes in one call.', notes: [] };
}

/** Returns the outcome without converted HTML, with one short warning and a short reason. */
function shorter({ outcome, id, sameAs, why, warnings = [] }: NoteReport, length: number) {
  const [first] = warnings;
  return {
    outcome,
    ...(id !== undefined && { id }),
    ...(sameAs !== undefined && { sameAs }),
    ...(why !== undefined && { why: echo(why, length) }),
    ...(first !== undefined && { warnings: [echo(first, length)] }),
  };
}

type Grouped = Omit<NoteReport, 'id'> & { readonly at: string };

/** Returns equal outcomes once, with the positions of their notes, the most frequent first. */
function grouped(notes: readonly NoteReport[]): Grouped[] {
  const groups = new Map<string, { note: Omit<NoteReport, 'id'>; indexes: number[] }>();
  for (const [index, { id: _, ...note }] of notes.entries()) {
    const key = JSON.stringify(note);
    const group = groups.get(key) ?? { note, indexes: [] };
    group.indexes.push(index);
    groups.set(key, group);
  }
  const largestFirst = [...groups.values()].toSorted((a, b) => b.indexes.length - a.indexes.length);
  return largestFirst.map(({ note, indexes }) => ({ ...note, at: toRanges(indexes) }));
}

/** Returns one entry for each outcome, with the reason of its first note. */
function byOutcome(notes: readonly NoteReport[]): Grouped[] {
  const reasons = new Map<string, string | undefined>();
  for (const { outcome, why } of notes) if (!reasons.has(outcome)) reasons.set(outcome, why);
  return grouped(
    notes.map(({ outcome }) => {
      const why = reasons.get(outcome);
      return { outcome, ...(why !== undefined && { why: `For example: ${echo(why)}` }) };
    }),
  );
}

/** Returns sorted indexes as ranges: "0-3, 7". */
function toRanges(indexes: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
