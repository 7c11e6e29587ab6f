import { z } from 'zod';
import { reads } from '../../../contract/action.ts';
import type { Output } from '../../../contract/index.ts';
import type { DeckCounts } from '../../../contract/panels/overview.ts';
import { echo } from '../../../lib/cut.ts';
import { countWithin, sizeOf } from '../../size.ts';
import { workflow, type Context } from '../../workflow.ts';
import { structureOf } from '../note-type.ts';
import { joined } from '../../joined.ts';
import { readNotes } from '../../reading.ts';
import { countTags } from '../tag-counts.ts';
import { withExactTag } from '../../search-terms.ts';
import { countsOf, leftToday } from './deck-counts.ts';
import type { Json } from '../../../lib/json.ts';

const jsonObject = z.record(z.string(), z.unknown());

/** Limits of counting tags by searches: number of searches, and of notes that they all look at. */
const maxSearches = 200;
const maxSearchedNotes = 5_000_000;
/** Maximum number of notes that are read instead. */
const maxNotesRead = 5_000;
/** Maximum number of decks whose presets are read: each takes a call. */
const maxPresets = 50;
const maxTags = 30;
const maxTagCharacters = 60;
/** Maximum number of fields that are named of a note type, and maximum characters of each name. */
const maxFields = 30;
const maxFieldName = 60;

export const overview = workflow({
  title: 'Overview',
  description:
    "Start here: the Anki in use, decks with today's due cards, note types by structure (basic, reversed, cloze…) with their fields, and the tags in use.",
  annotations: reads,
  ui: { panel: 'overview' },
  input: z.strictObject({}),
  output: z.looseObject({
    profile: z.string().nullable(),
    notes: z.int(),
    today: z.record(z.string(), z.int()).describe('Cards'),
    decks: z.array(jsonObject).describe('Counts include the decks below'),
    noteTypes: z.array(jsonObject),
    tags: z.record(z.string(), z.int()),
  }),
  async run(context) {
    const reading = joined(context);
    const { call, backend } = reading;
    const [profile, reviewed, ids, types, notes, tagNames] = await Promise.all([
      call('getActiveProfile', {}),
      // Anki-Connect's number of reviews also counts changes of due dates.
      call('findCards', { query: 'rated:1' }),
      call('deckNamesAndIds', {}),
      call('modelNamesAndIds', {}),
      call('findNotes', { query: '' }),
      call('getTags', {}),
    ]);
    const names = Object.keys(ids);
    const [stats, models, tags, presets] = await Promise.all([
      call('getDeckStats', { decks: names }),
      call('findModelsById', { modelIds: Object.values(types) }),
      tagsOf(reading, tagNames, notes),
      presetsOf(reading, names.length <= maxPresets ? names : []),
    ]);
    const decks = countsOf(ids, stats).map((deck) => ({ ...deck, ...presets.get(deck.name) }));
    return {
      result: {
        backend: { kind: backend.kind, place: backend.place },
        ...(backend.sync && { sync: { ...backend.sync } }),
        profile,
        notes: notes.length,
        today: { reviewed: reviewed.length, ...leftToday(decks) },
        ...foldDecks(decks, context),
        ...listTypes(models, context),
        ...tags,
      },
    };
  },
});

/** Returns the name of each deck's preset. A filtered deck has none. */
async function presetsOf(
  { call }: Context,
  decks: readonly string[],
): Promise<Map<string, { preset?: string }>> {
  const configs = await Promise.all(decks.map((deck) => call('getDeckConfig', { deck })));
  return new Map(
    decks.map((deck, at) => {
      const config = configs[at] ?? false;
      return [
        deck,
        config === false || config['dyn'] === 1 ? {} : { preset: echo(config.name, maxFieldName) },
      ];
    }),
  );
}

const depthOf = (name: string): number => name.split('::').length;

interface FoldedDecks {
  readonly decks: { readonly [key: string]: Json }[];
  readonly decksFolded?: string;
}

/** Returns the deck tree to the depth that fits half the budget. Deeper decks are counted on the deck above them. */
function foldDecks(
  decks: readonly (DeckCounts & { readonly preset?: string })[],
  { budget }: Context,
): FoldedDecks {
  const deepest = Math.max(...decks.map(({ name }) => depthOf(name)), 1);
  for (let depth = deepest; depth > 0; depth--) {
    const shown = decks
      .filter(({ name }) => depthOf(name) <= depth)
      .map((deck) => {
        const below =
          depthOf(deck.name) < depth ? [] : decks.filter(({ name }) => name.startsWith(`${deck.name}::`));
        return below.length > 0 ? { ...deck, decksBelow: below.length } : { ...deck };
      });
    if (sizeOf(shown) <= budget / 2) {
      return depth === deepest
        ? { decks: shown }
        : {
            decks: shown,
            decksFolded: `Decks below level ${depth} are only counted; deckNames lists all ${decks.length}.`,
          };
    }
  }
  const topLevel = decks.filter(({ name }) => depthOf(name) === 1);
  const brief = topLevel.map((deck) => ({ ...deck, name: echo(deck.name) }));
  const shown = brief.slice(0, Math.max(1, countWithin(brief, budget / 2)));
  return {
    decks: shown,
    decksFolded: `${shown.length} of ${decks.length} decks; deckNames lists all.`,
  };
}

/** Returns the note types that fit a third of the budget. */
function listTypes(
  models: Output<'findModelsById'>,
  { budget }: Context,
): { noteTypes: { readonly [key: string]: Json }[]; noteTypesCut?: string } {
  const noteTypes = models.map((type) => ({
    name: echo(type.name),
    structure: structureOf(type),
    fields: type.flds.slice(0, maxFields).map(({ name }) => echo(name, maxFieldName)),
    ...(type.flds.length > maxFields && { moreFields: type.flds.length - maxFields }),
  }));
  const count = Math.max(1, countWithin(noteTypes, budget * 0.35));
  return {
    noteTypes: noteTypes.slice(0, count),
    ...(count < noteTypes.length && {
      noteTypesCut: `${count} of ${noteTypes.length} note types; modelNames lists all.`,
    }),
  };
}

/** Counts the notes of each tag by searches if that is quick, otherwise in the latest notes. */
async function tagsOf(
  context: Context,
  tags: readonly string[],
  notes: readonly number[],
): Promise<{ tags: Record<string, number>; tagsCounted: string }> {
  const distinct = [...new Map(tags.map((tag) => [tag.toLowerCase(), tag])).values()];
  const isQuick = distinct.length <= maxSearches && distinct.length * notes.length <= maxSearchedNotes;
  const latest = notes.toSorted((a, b) => b - a).slice(0, maxNotesRead);
  const counts = isQuick
    ? await Promise.all(
        distinct.map(async (tag) => {
          const found = await context.call('findNotes', { query: withExactTag(tag) });
          return { tag, notes: found.length };
        }),
      )
    : countTags((await readNotes(context, latest)).notes);
  const common = counts
    .filter(({ notes: number }) => number > 0)
    .toSorted((a, b) => b.notes - a.notes)
    .slice(0, maxTags);
  const from = isQuick || latest.length === notes.length ? 'all' : `the latest ${latest.length}`;
  return {
    tags: Object.fromEntries(common.map(({ tag, notes: number }) => [echo(tag, maxTagCharacters), number])),
    tagsCounted: `in ${from} notes, letter case ignored; getTags lists all tags`,
  };
}
