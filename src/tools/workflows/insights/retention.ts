import type { Output } from '../../../contract/index.ts';
import { minReviews, type RetentionRate } from '../../../contract/panels/overview.ts';
import { dayMs } from '../../anki-day.ts';
import { inDeck } from '../../search-terms.ts';
import { bar, percent } from './chart.ts';
import { recentDays, type Facts, type Insight, type ReviewScan } from './facts.ts';

type Review = Output<'getReviewsOfCards'>[string][number];

const maxDecks = 10;
/** Interval in days from which Anki calls a card mature. */
const matureDays = 21;

/** Calculates by deck how many of the due reviews were remembered. */
export async function retention(facts: Facts): Promise<Insight> {
  const { reviews, total, cut } = await facts.reviews;
  const cards = Object.keys(reviews).map(Number);
  if (cards.length === 0) return { summary: `No card was reviewed in the last ${recentDays} days.` };
  const decks = await facts.context.call('getDecks', { cards });
  const rows = Object.entries(decks)
    .map(([deck, ids]) => ({ deck, ...rateOf(ids.flatMap((id) => recent(reviews[String(id)] ?? []))) }))
    .filter((row) => row.reviews > 0)
    .toSorted(
      (a, b) =>
        Number(a.reviews < minReviews) - Number(b.reviews < minReviews) || a.remembered - b.remembered,
    );
  const { all, young, mature } = ratesOf(reviews);
  return {
    days: recentDays,
    all: toJson(all),
    young: toJson(young),
    mature: toJson(mature),
    search: facts.within(`rated:${recentDays}:1`),
    ...(cut !== undefined && { from: `a sample: ${cut} answered recently` }),
    ...(rows.length > maxDecks && { decks: `the ${maxDecks} lowest of ${rows.length}` }),
    cards: total,
    samples: rows.slice(0, maxDecks).map((row) => ({
      deck: row.deck,
      ...toJson(row),
      search: `${inDeck(row.deck, facts.deckIds)} rated:${recentDays}:1`,
    })),
  };
}

/** Returns the rates of all due reviews, of those of young cards, and of those of mature ones. */
export function ratesOf(reviews: ReviewScan['reviews']) {
  const all = Object.values(reviews).flatMap(recent);
  const byAge = (mature: boolean) => rateOf(all.filter(({ lastIvl }) => lastIvl >= matureDays === mature));
  return { all: rateOf(all), young: byAge(false), mature: byAge(true) };
}

/** Returns recent answers to cards that had left learning. */
function recent(log: readonly Review[]): readonly Review[] {
  const since = Date.now() - recentDays * dayMs;
  return log.filter(({ id, type, ease }) => id >= since && type === 1 && ease > 0);
}

const rateOf = (log: readonly Review[]): RetentionRate => ({
  reviews: log.length,
  remembered: log.filter(({ ease }) => ease > 1).length / Math.max(1, log.length),
});

const toJson = ({ reviews, remembered }: RetentionRate) => ({
  reviews,
  ...(reviews > 0 && { remembered: `${bar(remembered)} ${percent(remembered)}` }),
  ...(reviews > 0 && reviews < minReviews && { note: 'too few reviews for a reliable rate' }),
});
