import { countOf } from '../../../lib/wording.ts';
import type { Context } from '../../workflow.ts';

/** Rows that the review log got after a backup. */
export interface LaterReviews {
  readonly ratings: number;
  /** Rows that Anki adds when a user resets or reschedules a card. */
  readonly others: number;
}

/** Reads what the review log got since this time: of these cards, or of all. */
export async function laterReviews(
  { call }: Context,
  since: string,
  cards?: ReadonlySet<number>,
): Promise<LaterReviews> {
  const startID = Date.parse(since);
  const decks = await call('deckNames', {});
  const logs = await Promise.all(decks.map((deck) => call('cardReviews', { deck, startID })));
  const rows = logs.flat().filter(([, card = 0]) => !cards || cards.has(card));
  const ratings = rows.filter(([, , , ease = 0]) => ease > 0).length;
  return { ratings, others: rows.length - ratings };
}

/** Returns "12 reviews and 3 resets or new due dates"; undefined if there are none. */
export function countLater({ ratings, others }: LaterReviews): string | undefined {
  const parts = [
    ...(ratings > 0 ? [countOf(ratings, 'review')] : []),
    ...(others > 0 ? [`${countOf(others, 'reset')} or new due date${others === 1 ? '' : 's'}`] : []),
  ];
  return parts.length > 0 ? parts.join(' and ') : undefined;
}
