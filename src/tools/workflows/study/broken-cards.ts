import { everything, inDecks } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { readCards } from '../../reading.ts';

/** Maximum number of cards that are searched for broken ones. */
const maxExamined = 500;

/** Returns the ids of cards in a deck that Anki cannot show, among the first that are new or due. */
export async function findBroken(context: Context, deck: string | undefined): Promise<number[]> {
  const decks = await context.call('deckNamesAndIds', {});
  const place = deck === undefined ? everything : inDecks([deck], decks);
  const found = await context.call('findCards', { query: `${place} (is:new or is:due)` });
  return (await readCards(context, found.slice(0, maxExamined))).unread.map(({ id }) => id);
}
