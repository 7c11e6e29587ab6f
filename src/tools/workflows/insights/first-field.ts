import { toText } from '../../card-text/text.ts';
import type { Note } from '../../reading.ts';
import type { Facts } from './facts.ts';

/** Returns the fields of a note in their order, as text. */
export const textsOf = ({ fields }: Note): string[] =>
  Object.values(fields)
    .toSorted((a, b) => a.order - b.order)
    .map(({ value }) => toText(value));

/** Returns the first field of a note as text. */
export function firstField(note: Note | undefined): string {
  const first = Object.values(note?.fields ?? {}).find(({ order }) => order === 0);
  return toText(first?.value ?? '');
}

/** Ignores case, spaces and punctuation. A text without letters and digits keeps its punctuation. */
export const normalize = (text: string): string => {
  const lower = text.normalize('NFKC').toLowerCase();
  return lower.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim() || lower.replace(/\s+/g, '');
};

/** Returns the deck of the first card of each note, by note. */
export async function decksOfNotes(
  { context }: Facts,
  notes: readonly Note[],
): Promise<ReadonlyMap<number, string>> {
  const cards = notes.flatMap((note) => note.cards.slice(0, 1));
  const decks = cards.length > 0 ? await context.call('getDecks', { cards }) : {};
  const deckOf = new Map(Object.entries(decks).flatMap(([deck, ids]) => ids.map((id) => [id, deck])));
  return new Map(notes.map(({ noteId, cards: [first = 0] }) => [noteId, deckOf.get(first) ?? '']));
}
