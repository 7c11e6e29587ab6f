import type { Output } from '../../../contract/index.ts';
import type { DeckCounts, LeftToday } from '../../../contract/panels/overview.ts';
import type { DeckIds } from '../../search-terms.ts';

type Stats = Output<'getDeckStats'>;

/** Returns the numbers of cards of each deck. */
export function countsOf(ids: DeckIds, stats: Stats): DeckCounts[] {
  const own = new Map(Object.entries(ids).map(([name, id]) => [name, stats[String(id)]]));
  const cards = cardsWithBelow(own);
  return [...own].map(([name, deckStats]) => ({
    name,
    new: deckStats?.new_count ?? 0,
    learning: deckStats?.learn_count ?? 0,
    due: deckStats?.review_count ?? 0,
    cards: cards.get(name) ?? 0,
  }));
}

/** Returns each deck's number of cards with those of the decks below it. Anki counts them in the other numbers only. */
function cardsWithBelow(decks: ReadonlyMap<string, Stats[string] | undefined>): Map<string, number> {
  const cards = new Map<string, number>();
  for (const [name, stats] of decks) {
    const levels = name.split('::');
    for (let depth = 1; depth <= levels.length; depth++) {
      const deck = levels.slice(0, depth).join('::');
      cards.set(deck, (cards.get(deck) ?? 0) + (stats?.total_in_deck ?? 0));
    }
  }
  return cards;
}

/** Adds up what is left today. The numbers of a top-level deck include those of the decks below it. */
export function leftToday(decks: readonly DeckCounts[]): LeftToday {
  const topLevel = decks.filter(({ name }) => !name.includes('::'));
  const sum = (key: keyof LeftToday) => topLevel.reduce((total, deck) => total + deck[key], 0);
  return { new: sum('new'), learning: sum('learning'), due: sum('due') };
}
