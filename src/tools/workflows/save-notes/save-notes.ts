import { adds } from '../../../contract/action.ts';
import { type Context, workflow } from '../../workflow.ts';
import { joined } from '../joined.ts';
import { faultOf } from '../lint.ts';
import { Draft, draftOf, type Surroundings } from './save-draft.ts';
import { type SaveInput, saveInput } from './save-input.ts';
import { findTwins, identify, lookFurther, lookUp, useTwins } from './save-lookup.ts';
import { prepare, readFiles } from './save-media.ts';
import { sorted, verify, write } from './save-writing.ts';
import type { Json } from '../../../lib/json.ts';

export const saveNotes = workflow({
  title: 'Save notes',
  description:
    'Creates notes, updates those with an id: up to 500, each checked before and read back after, told one by one. Fields: HTML, math as $…$. Duplicates are skipped by default and told with the existing id. tags replace, but add to those of a duplicate.',
  annotations: { ...adds, destructiveHint: true, openWorldHint: true },
  input: saveInput,
  async run(context, input) {
    const reading = joined(context);
    const known = await lookUp(reading, input);
    const drafts: Draft[] = [];
    for (const [at, given] of input.notes.entries()) drafts.push(await draftOf(given, at, input, known));
    refuseDoubles(drafts);
    lint(drafts);
    const { onDuplicate = 'skip' } = input;
    const [twins] = await Promise.all([
      findTwins(reading, drafts, onDuplicate),
      lookFurther(reading, drafts, known),
    ]);
    lint(drafts);
    useTwins(drafts, twins, onDuplicate);
    lint(drafts);
    const files = await readFiles(context, drafts);
    const newDecks = decksToMake(drafts, known);
    if (input.dryRun) foresee(drafts);
    else {
      await prepare(context, drafts, newDecks, files);
      await write(context, drafts, onDuplicate === 'add');
      await Promise.all([verify(reading, drafts), identify(reading, drafts)]);
    }
    return { result: report(drafts, input, newDecks, context) };
  },
});

function refuseDoubles(drafts: readonly Draft[]): void {
  const first = new Map<number, number>();
  for (const { given, at } of drafts)
    if (given.id !== undefined && !first.has(given.id)) first.set(given.id, at);
  for (const draft of drafts) {
    const place = first.get(draft.given.id ?? 0) ?? draft.at;
    if (!draft.outcome && place !== draft.at) draft.settle('invalid', `notes[${place}] has the same id.`);
  }
}

/** Where the note had the fault before, it is not for this call to refuse. */
function lint(drafts: readonly Draft[]): void {
  for (const draft of drafts) {
    const { type, target, outcome } = draft;
    const changed = [...Object.keys(draft.fields), ...draft.media.map(({ field }) => field)];
    if (outcome || !type || changed.length === 0) continue;
    const fault = faultOf(
      type,
      { ...draft.whole, ...draft.withMedia() },
      target ? changed : type.flds.map(({ name }) => name),
    );
    if (fault === undefined) continue;
    const before =
      target && Object.fromEntries(Object.entries(target.fields).map(([name, { value }]) => [name, value]));
    if (!before || faultOf(type, before, changed) === undefined) draft.settle('invalid', fault);
    else if (!draft.warnings.includes(fault)) draft.warnings.push(fault);
  }
}

const decksToMake = (drafts: readonly Draft[], { decks }: Surroundings): string[] => [
  ...new Set(
    drafts
      .filter(({ outcome, target }) => !outcome && !target)
      .flatMap(({ deck }) => (deck === undefined || decks.includes(deck) ? [] : [deck])),
  ),
];

function foresee(drafts: readonly Draft[]): void {
  const { adding, updating } = sorted(drafts);
  for (const draft of adding) draft.settle('created');
  for (const [draft] of updating) draft.settle('updated');
}

/** Each note's outcome in order; where that is too long, ids in order and the outcomes that need words, alike ones together. */
function report(
  drafts: readonly Draft[],
  { dryRun = false }: SaveInput,
  decks: readonly string[],
  { budget }: Context,
): Json {
  const notes = drafts.map((draft) => draft.toJson(dryRun));
  const counts: Record<string, number> = {};
  for (const { outcome } of drafts) if (outcome) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const head = {
    ...(dryRun && { dryRun: 'Nothing was changed; this is what would become of the notes.' }),
    ...counts,
    ...(decks.length > 0 && { decksMade: decks }),
  };
  if (JSON.stringify(notes).length <= budget) return { ...head, notes };
  const alike = new Map<string, { said: { readonly [key: string]: Json | undefined }; at: number[] }>();
  for (const [at, { id: _, ...said }] of notes.entries()) {
    const key = JSON.stringify(said);
    const group = alike.get(key) ?? { said, at: [] };
    group.at.push(at);
    alike.set(key, group);
  }
  const largest = [...alike.values()].toSorted((a, b) => b.at.length - a.at.length);
  return {
    ...head,
    ids: drafts.map((draft) => draft.twin?.id ?? draft.id ?? null),
    notes: largest.map(({ said, at }) => ({ ...said, at: ranges(at) })),
  };
}

/** "0-3, 7" */
function ranges(places: readonly number[]): string {
  const found: [number, number][] = [];
  for (const place of places) {
    const last = found.at(-1);
    if (last && last[1] === place - 1) last[1] = place;
    else found.push([place, place]);
  }
  return found.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
