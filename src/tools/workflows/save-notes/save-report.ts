import { echo } from '../../../lib/cut.ts';
import { own } from '../../../lib/json.ts';
import { toText } from '../../card-text/text.ts';
import { sizeOf } from '../../size.ts';
import type { Data } from '../../workflow.ts';
import type { Draft } from './save-draft.ts';
import type { SaveInput, saveOutput } from './save-input.ts';

type Report = Data<typeof saveOutput>;

/** Bytes around the result. */
const frameBytes = 20;
/** Number of notes from which equal warnings are listed only once. */
const minRepeated = 10;
/** Maximum number of new decks that are named. */
const maxDecks = 20;
/** Maximum characters of texts, and maximum number of warnings, in the entry of a note. */
const limits = { reason: 800, warnings: 20, first: 60, stored: 400, scanned: 2_000 };

interface Totals {
  readonly newDecks: readonly string[];
  readonly suspended?: number | undefined;
}

/** Returns a note's first field as text. */
function firstField({ type, target, allFields, input }: Draft): string {
  const { fields: given = {} } = input;
  const name = type?.flds[0]?.name ?? Object.keys(target?.fields ?? given)[0] ?? '';
  return echo(
    toText((own(allFields, name) ?? own(given, name) ?? '').slice(0, limits.scanned)),
    limits.first,
  );
}

/** Returns the fields whose stored text differs from what was sent. In a dry run, those that would. */
function changedFields({ fields, sent, saved, input }: Draft, dryRun: boolean): Record<string, string> {
  const entries = Object.keys(fields).flatMap((name) => {
    const stored = dryRun ? own(fields, name) : own(saved?.fields ?? {}, name)?.value;
    return stored === undefined || stored === own(sent, name) ? [] : [[name, echo(stored, limits.stored)]];
  });
  // Fields that got media only are shown, too: the names may have changed.
  for (const { field } of input.media ?? []) {
    const stored = own(saved?.fields ?? {}, field)?.value;
    if (stored !== undefined && !Object.hasOwn(fields, field))
      entries.push([field, echo(stored, limits.stored)]);
  }
  return Object.fromEntries(entries);
}

/** Returns the media whose stored names differ, with the reason. */
const renamedMedia = ({ media }: Draft) =>
  media.flatMap(({ filename, stored }) =>
    stored === undefined || stored === filename
      ? []
      : [
          {
            filename,
            stored,
            why: /-[\da-f]{40}\b/.test(stored)
              ? 'Another file with other content has this name; it was kept.'
              : 'Anki does not store names with these characters.',
          },
        ],
  );

/** Returns the entry of a note, or undefined if it was saved as sent. */
function entryOf(draft: Draft, dryRun: boolean) {
  const { outcome = 'failed', why, warnings, twin, input, index, existing, existingDeck } = draft;
  const stored = changedFields(draft, dryRun);
  const renamed = renamedMedia(draft);
  const isOrdinary = input.id === undefined ? outcome === 'created' : /^(updated|unchanged)$/.test(outcome);
  if (isOrdinary && warnings.length === 0 && renamed.length === 0 && Object.keys(stored).length === 0)
    return undefined;
  const id = twin?.id ?? draft.id;
  return {
    index,
    first: firstField(draft),
    outcome,
    ...(id !== undefined && { id }),
    ...(outcome === 'alreadyThere' && existing && { modelName: existing.modelName }),
    ...(existingDeck !== undefined && { deckName: existingDeck }),
    ...(twin && { sameAs: twin.index }),
    ...(why !== undefined && { why: echo(why, limits.reason) }),
    ...(warnings.length > 0 && {
      warnings: warnings.slice(0, limits.warnings).map((warning) => echo(warning, limits.reason)),
    }),
    ...(Object.keys(stored).length > 0 && { stored }),
    ...(renamed.length > 0 && { media: renamed }),
  };
}

type Entry = NonNullable<ReturnType<typeof entryOf>>;

/**
 * Returns the totals, the ids of the created notes in order, and the notes that deviate, many with the same warnings as
 * one. If that exceeds the budget: all equal outcomes grouped; then with shorter reasons, then one reason for each outcome,
 * and at last only the numbers.
 */
export function report(
  drafts: readonly Draft[],
  { dryRun = false }: SaveInput,
  { newDecks, suspended }: Totals,
  budget: number,
): Report {
  const entries = drafts.flatMap((draft) => entryOf(draft, dryRun) ?? []);
  const counts: Partial<Record<Entry['outcome'], number>> = {};
  for (const { outcome = 'failed' } of drafts) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const created = drafts.filter(({ outcome }) => outcome === 'created');
  const createdIds = created.flatMap(({ id }) => id ?? []);
  const totals = {
    ...(dryRun && { dryRun: 'Nothing was changed. These are the outcomes that saving would have.' }),
    ...counts,
    ...(createdIds.length > 0 && {
      cards: created.reduce((sum, { saved }) => sum + (saved?.cards.length ?? 0), 0),
    }),
    ...(suspended !== undefined && { suspended }),
    ...(newDecks.length > 0 && { decksMade: newDecks.slice(0, maxDecks).map((deck) => echo(deck)) }),
    ...(newDecks.length > maxDecks && { moreDecksMade: newDecks.length - maxDecks }),
  };
  const head = { ...totals, ...(createdIds.length > 0 && { createdIds }) };
  const forms: readonly (() => Report)[] = [
    () => ({ ...head, notes: condensed(entries) }),
    () => ({ ...head, notes: grouped(entries) }),
    ...[400, 100, 40].map((length) => () => ({
      ...head,
      cut: 'Texts are cut. Save fewer notes in one call to see them.',
      notes: grouped(entries.map((entry) => shorter(entry, length))),
    })),
    () => ({
      ...head,
      cut: 'One reason of each outcome is shown. Save fewer notes in one call to see the others.',
      notes: byOutcome(entries),
    }),
  ];
  for (const form of forms) {
    const result = form();
    if (sizeOf(result) <= budget - frameBytes) return result;
  }
  return { ...counts, cut: 'The ids exceed the byte limit. Save fewer notes in one call.', notes: [] };
}

/** Returns an entry with one short warning and a short reason. */
function shorter({ index, first, outcome, id, sameAs, why, warnings = [] }: Entry, length: number): Entry {
  const [warning] = warnings;
  return {
    index,
    first,
    outcome,
    ...(id !== undefined && { id }),
    ...(sameAs !== undefined && { sameAs }),
    ...(why !== undefined && { why: echo(why, length) }),
    ...(warning !== undefined && { warnings: [echo(warning, length)] }),
  };
}

type Grouped = Omit<Entry, 'index' | 'first' | 'id' | 'stored'> & {
  readonly at: string;
  readonly ids?: readonly number[];
};

/** Returns the entries; of many with the same warnings, only one with their positions. */
function condensed(entries: readonly Entry[]): (Entry | Grouped)[] {
  const contentOf = (entry: Entry) =>
    JSON.stringify({ ...entry, index: undefined, first: undefined, id: undefined });
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(contentOf(entry), (counts.get(contentOf(entry)) ?? 0) + 1);
  const isRepeated = (entry: Entry) =>
    entry.warnings !== undefined &&
    entry.stored === undefined &&
    (counts.get(contentOf(entry)) ?? 0) >= minRepeated;
  return [...grouped(entries.filter(isRepeated)), ...entries.filter((entry) => !isRepeated(entry))];
}

/** Returns equal outcomes once, with the positions and ids of their notes, the most frequent first. */
function grouped(entries: readonly Entry[]): Grouped[] {
  const groups = new Map<string, { note: Omit<Grouped, 'at' | 'ids'>; indexes: number[]; ids: number[] }>();
  for (const { id, index, first: _, stored: __, ...note } of entries) {
    const key = JSON.stringify(note);
    const group = groups.get(key) ?? { note, indexes: [], ids: [] };
    group.indexes.push(index);
    if (id !== undefined && note.outcome !== 'created') group.ids.push(id);
    groups.set(key, group);
  }
  const largestFirst = [...groups.values()].toSorted((a, b) => b.indexes.length - a.indexes.length);
  return largestFirst.map(({ note, indexes, ids }) => ({
    ...note,
    at: toRanges(indexes),
    ...(ids.length > 0 && { ids }),
  }));
}

/** Returns one entry for each outcome, with the reason of its first note. */
function byOutcome(entries: readonly Entry[]): Grouped[] {
  const reasons = new Map<string, string | undefined>();
  for (const { outcome, why } of entries) if (!reasons.has(outcome)) reasons.set(outcome, why);
  return grouped(
    entries.map(({ index, first, outcome, id }) => {
      const why = reasons.get(outcome);
      return {
        index,
        first,
        outcome,
        ...(id !== undefined && { id }),
        ...(why !== undefined && { why: `For example: ${echo(why)}` }),
      };
    }),
  );
}

/** Returns sorted indexes as ranges: "0-3, 7". */
export function toRanges(indexes: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
