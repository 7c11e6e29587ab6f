import { excerpt } from '../../card-text/excerpt.ts';
import { toText } from '../../card-text/text.ts';
import type { Note } from '../reading.ts';
import type { Facts, Insight } from './facts.ts';

const maxGroups = 10;
const maxIds = 8;
const maxDecks = 5;

/** Finds notes with the same first field, across note types and decks. */
export async function duplicates(facts: Facts): Promise<Insight> {
  const { notes, cut } = await facts.notes;
  const byText = new Map<string, Note[]>();
  for (const note of notes) {
    const key = normalize(firstField(note));
    const group = byText.get(key) ?? [];
    group.push(note);
    if (key !== '') byText.set(key, group);
  }
  const groups = [...byText.values()]
    .filter((group) => group.length > 1)
    .toSorted((a, b) => b.length - a.length);
  const largest = groups.slice(0, maxGroups);
  const cards = largest.flat().flatMap((note) => note.cards.slice(0, 1));
  const decks = cards.length > 0 ? await facts.context.call('getDecks', { cards }) : {};
  const deckOf = new Map(Object.entries(decks).flatMap(([deck, ids]) => ids.map((id) => [id, deck])));
  return {
    groups: groups.length,
    notes: groups.reduce((sum, group) => sum + group.length, 0),
    ...(cut !== undefined && { from: cut }),
    ...(groups.length > maxGroups && { shown: `the ${maxGroups} largest groups` }),
    samples: largest.map((group) => ({
      text: excerpt(firstField(group[0]), 60),
      notes: group.length,
      decks: [...new Set(group.map(({ cards: [first = 0] }) => deckOf.get(first) ?? ''))].slice(0, maxDecks),
      search: `nid:${group
        .slice(0, maxIds)
        .map(({ noteId }) => noteId)
        .join(',')}`,
    })),
  };
}

function firstField(note: Note | undefined): string {
  const first = Object.values(note?.fields ?? {}).find(({ order }) => order === 0);
  return toText(first?.value ?? '');
}

/** Ignores case, spaces and punctuation. A text without letters and digits keeps its punctuation. */
const normalize = (text: string): string => {
  const lower = text.normalize('NFKC').toLowerCase();
  return lower.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim() || lower.replace(/\s+/g, '');
};
