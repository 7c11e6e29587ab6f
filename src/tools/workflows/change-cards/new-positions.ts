import { AnkiRefused } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import { ask, inParts } from '../bulk/steps.ts';
import { readCards, type Card } from '../../reading.ts';

/** Maximum number of new cards that one call repositions. */
const maxCards = 1000;
const cardsPerRequest = 500;

/**
 * Returns a position for each of the new cards, from `first` on: in their present order, or in the order of the list.
 * The cards of one note get the same position, as in Anki.
 */
export async function newPositions(
  context: Context,
  ids: readonly number[],
  first: number,
  keepsListOrder: boolean,
): Promise<Map<number, number>> {
  const [isNew = new Set()] = await ask(context, {
    action: 'findCards',
    ids,
    conditions: ['is:new -deck:filtered'],
  });
  const wanted = ids.filter((id) => isNew.has(id));
  if (wanted.length > maxCards) {
    throw new AnkiRefused(
      `Nothing was changed: position works for at most ${maxCards.toLocaleString('en')} new cards in one call, and these are ${wanted.length.toLocaleString('en')}. Narrow the query.`,
    );
  }
  const cards: Card[] = [];
  for (const part of inParts(wanted, cardsPerRequest)) cards.push(...(await readCards(context, part)).cards);
  const sorted = keepsListOrder
    ? cards
    : cards.toSorted((a, b) => a.due - b.due || a.note - b.note || a.ord - b.ord);
  const ofNotes = new Map<number, number>();
  for (const { note } of sorted) if (!ofNotes.has(note)) ofNotes.set(note, first + ofNotes.size);
  return new Map(sorted.map(({ cardId, note }) => [cardId, ofNotes.get(note) ?? first]));
}
