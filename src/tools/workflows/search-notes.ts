import { z } from 'zod';
import { reads } from '../../contract/action.ts';
import { workflow, type Answer, type Context } from '../workflow.ts';
import { statesOf, type States } from '../card-text/card-state.ts';
import { excerpt, placeOf, wordsIn } from '../card-text/excerpt.ts';
import { readNotes, type Note, type Unread } from './reading.ts';
import { searching } from './search.ts';
import { toText } from '../card-text/text.ts';
import type { Json } from '../../lib/json.ts';

const usualLimit = 20;
const usualBytes = 9_000;
/** What an explicit limit can bring, whatever the budget: it is sent twice, once as text, and clients take 10 MiB. */
const mostBytes = 3_000_000;
const fieldsShown = 6;
const letters = { shown: 100, chosen: 4_000 };

const input = z.strictObject({
  query: z.string(),
  fields: z.array(z.string()).optional().describe('Only these, and at length'),
  limit: z.int().positive().optional().describe(`Default ${usualLimit}`),
  offset: z.int().nonnegative().optional(),
});

export const searchNotes = workflow({
  title: 'Search notes',
  description:
    "Finds notes by Anki's search language and shows them in short, newest first: type, deck, tags, fields as text around the hit, how many cards are in which state. An empty query finds all.",
  annotations: reads,
  input,
  async run(context, { query, fields, limit, offset = 0 }) {
    const found = await searching(() => context.call('findNotes', { query }));
    const page = found.toSorted((a, b) => b - a).slice(offset, offset + (limit ?? usualLimit));
    const [{ notes, unread }, states] = await Promise.all([
      readNotes(context, page),
      statesOf(context, page),
    ]);
    const decks = await decksOf(context, notes);
    const words = wordsIn(query);
    const shown = notes.map((note) => ({
      id: note.noteId,
      type: note.modelName,
      deck: [...new Set(note.cards.map((card) => decks.get(card) ?? ''))].join(', '),
      ...(note.tags.length > 0 && { tags: note.tags }),
      fields: fieldsOf(note, words, fields),
      cards: states(note.cards),
    }));
    const bytes = limit === undefined ? Math.min(usualBytes, context.budget) : mostBytes;
    const kept = shown.slice(0, Math.max(1, countWithin(shown, bytes - 300)));
    const cut = notes[kept.length];
    const next = offset + (cut ? page.indexOf(cut.noteId) : page.length);
    return answer(kept, {
      total: found.length,
      next,
      remarks: [
        ...leftOut(unread),
        ...unknownFields(notes, fields),
        ...(found.length === 0 ? [nothing] : []),
        ...(found.length > 0 && page.length === 0 ? [`There are only ${found.length}.`] : []),
      ],
    });
  },
});

const nothing =
  'Nothing was found. Names that do not exist are no error to Anki, and names with blanks need quotes: deck:"My deck". overview lists decks, note types and tags.';

function answer(
  notes: readonly Json[],
  { total, next, remarks }: { total: number; next: number; remarks: readonly string[] },
): Answer {
  return {
    result: notes,
    total,
    ...(next < total && { nextOffset: next }),
    ...(remarks.length > 0 && { note: remarks.join(' ') }),
  };
}

async function decksOf({ call }: Context, notes: readonly Note[]): Promise<Map<number, string>> {
  const cards = notes.flatMap((note) => note.cards);
  const decks = cards.length > 0 ? await call('getDecks', { cards }) : {};
  return new Map(Object.entries(decks).flatMap(([name, ids]) => ids.map((id) => [id, name] as const)));
}

/** The fields that hold something, with the place where a word was found; of many only some. */
function fieldsOf(
  note: Note,
  words: readonly string[],
  chosen: readonly string[] | undefined,
): Record<string, string> {
  const wanted = chosen?.map((name) => name.toLowerCase());
  const all = Object.entries(note.fields)
    .toSorted(([, a], [, b]) => a.order - b.order)
    .filter(([name]) => wanted?.includes(name.toLowerCase()) ?? true)
    .map(([name, { value }]) => ({ name, text: toText(value) }))
    .filter(({ text }) => text !== '' || wanted !== undefined)
    .map((field) => ({ ...field, place: placeOf(field.text, words) }));
  const most = wanted ? letters.chosen : letters.shown;
  const shown = all.filter(({ place }, index) => wanted || index < fieldsShown || place >= 0);
  const hidden = all.length - shown.length;
  return {
    ...Object.fromEntries(shown.map(({ name, text, place }) => [name, excerpt(text, most, place)])),
    ...(hidden > 0 && { '…': `${hidden} more` }),
  };
}

function leftOut(unread: readonly Unread[]): string[] {
  if (unread.length === 0) return [];
  const told = unread.slice(0, 5).map(({ id, reason }) => `${id} (${reason})`);
  return [`Left out: ${told.join(', ')}${unread.length > 5 ? ` and ${unread.length - 5} more` : ''}.`];
}

/** A chosen name that no note here has is most likely misspelt. */
function unknownFields(notes: readonly Note[], chosen: readonly string[] = []): string[] {
  const names = new Set(notes.flatMap(({ fields }) => Object.keys(fields)));
  const known = new Set([...names].map((name) => name.toLowerCase()));
  return chosen
    .filter((name) => notes.length > 0 && !known.has(name.toLowerCase()))
    .map((name) => `None of these notes has a field "${name}"; there are ${[...names].join(', ')}.`);
}

/** How many of the items, from the first on, go into so many bytes of JSON. */
function countWithin(items: readonly { readonly cards: States }[], bytes: number): number {
  let left = bytes;
  const end = items.findIndex((item) => (left -= Buffer.byteLength(JSON.stringify(item)) + 1) < 0);
  return end < 0 ? items.length : end;
}
