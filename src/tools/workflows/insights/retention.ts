import type { Output } from '../../../contract/index.ts';
import { bar, percent } from './chart.ts';
import { dayMs, quoted, recentDays, type Facts, type Insight } from './facts.ts';

type Review = Output<'getReviewsOfCards'>[string][number];

const shown = 10;
/** Fewer tell nothing of a deck. */
const enough = 10;
const matureDays = 21;

/** How many of the reviews that were due were remembered, deck by deck. */
export async function retention(facts: Facts): Promise<Insight> {
  const { reviews, total, cut } = await facts.reviews;
  const cards = Object.keys(reviews).map(Number);
  if (cards.length === 0) return { summary: `Nothing was reviewed in the last ${recentDays} days.` };
  const decks = await facts.context.call('getDecks', { cards });
  const rows = Object.entries(decks)
    .map(([deck, ids]) => ({ deck, ...rate(ids.flatMap((id) => recent(reviews[String(id)] ?? []))) }))
    .filter((row) => row.reviews > 0)
    .toSorted((a, b) => Number(a.reviews < enough) - Number(b.reviews < enough) || a.kept - b.kept);
  const all = Object.values(reviews).flatMap(recent);
  const sort = (mature: boolean) => rate(all.filter(({ lastIvl }) => lastIvl >= matureDays === mature));
  return {
    days: recentDays,
    all: told(rate(all)),
    young: told(sort(false)),
    mature: told(sort(true)),
    search: facts.within(`rated:${recentDays}:1`),
    ...(cut !== undefined && { from: `a sample: ${cut} answered lately` }),
    ...(rows.length > shown && { decks: `the ${shown} lowest of ${rows.length}` }),
    cards: total,
    samples: rows.slice(0, shown).map((row) => ({
      deck: row.deck,
      ...told(row),
      search: `deck:${quoted(row.deck)} rated:${recentDays}:1`,
    })),
  };
}

/** Answers to cards that had left learning. */
function recent(log: readonly Review[]): readonly Review[] {
  const since = Date.now() - recentDays * dayMs;
  return log.filter(({ id, type, ease }) => id >= since && type === 1 && ease > 0);
}

interface Rate {
  readonly reviews: number;
  readonly kept: number;
}

const rate = (log: readonly Review[]): Rate => ({
  reviews: log.length,
  kept: log.filter(({ ease }) => ease > 1).length / Math.max(1, log.length),
});

const told = ({ reviews, kept }: Rate) => ({
  reviews,
  ...(reviews > 0 && { remembered: `${bar(kept)} ${percent(kept)}` }),
  ...(reviews > 0 && reviews < enough && { note: 'too few to tell' }),
});
