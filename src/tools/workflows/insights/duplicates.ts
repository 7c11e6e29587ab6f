import { excerpt } from '../../card-text/excerpt.ts';
import type { Note } from '../reading.ts';
import { toText } from '../../card-text/text.ts';
import type { Facts, Insight } from './facts.ts';

const shown = 10;
const idsShown = 8;

/** Notes of whatever type and deck whose first fields say the same. */
export async function duplicates(facts: Facts): Promise<Insight> {
  const { notes, cut } = await facts.notes;
  const groups = new Map<string, Note[]>();
  for (const note of notes) {
    const key = normal(firstField(note));
    if (key !== '') groups.set(key, [...(groups.get(key) ?? []), note]);
  }
  const doubled = [...groups.values()]
    .filter((group) => group.length > 1)
    .toSorted((a, b) => b.length - a.length);
  const worst = doubled.slice(0, shown);
  const cards = worst.flat().flatMap((note) => note.cards.slice(0, 1));
  const decks = cards.length > 0 ? await facts.context.call('getDecks', { cards }) : {};
  const deckOf = new Map(Object.entries(decks).flatMap(([deck, ids]) => ids.map((id) => [id, deck])));
  return {
    groups: doubled.length,
    notes: doubled.reduce((sum, group) => sum + group.length, 0),
    ...(cut !== undefined && { from: cut }),
    ...(doubled.length > shown && { shown: `the ${shown} largest groups` }),
    samples: worst.map((group) => ({
      text: excerpt(firstField(group[0]), 60),
      notes: group.length,
      decks: [...new Set(group.map(({ cards: [first = 0] }) => deckOf.get(first) ?? ''))].slice(0, 5),
      search: `nid:${group
        .slice(0, idsShown)
        .map(({ noteId }) => noteId)
        .join(',')}`,
    })),
  };
}

function firstField(note: Note | undefined): string {
  const first = Object.values(note?.fields ?? {}).find(({ order }) => order === 0);
  return toText(first?.value ?? '');
}

/** Capitals, signs and blanks do not make a difference; where there is nothing else, signs do. */
const normal = (text: string): string => {
  const small = text.normalize('NFKC').toLowerCase();
  return small.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim() || small.replace(/\s+/g, '');
};
