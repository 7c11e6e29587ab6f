import { z } from 'zod';
import { reads } from '../../../contract/action.ts';
import type { DeckCounts, OverviewView } from '../../../contract/panels/overview.ts';
import { dateInDays } from '../../anki-day.ts';
import { countWithin } from '../../size.ts';
import { panelWorkflow } from '../../workflow.ts';
import { isWithin } from '../deck-name.ts';
import { factsOf, recentDays, type Facts } from '../insights/facts.ts';
import { dueByDay } from '../insights/forecast.ts';
import { ratesOf } from '../insights/retention.ts';
import { searchForForgotten, searchForLeeches } from '../insights/weak.ts';
import { answersPerDay, streakOf } from '../insights/workload.ts';
import { countsOf, leftToday } from './deck-counts.ts';

/** 53 weeks. */
const answerDays = 371;
const forecastDays = 30;
/** Maximum bytes of the list of decks: hosts refuse results that are much larger. */
const maxDeckBytes = 100_000;

export const overviewPanel = panelWorkflow({
  title: 'Overview panel',
  description: 'Returns the numbers that the overview panel draws.',
  annotations: reads,
  input: z.strictObject({ deck: z.string().optional() }),
  ui: { panel: 'overview', appOnly: true },
  async run(context, { deck }) {
    const facts = await factsOf(context, { acrossTypes: false, slow: false, offset: 0 }, deck);
    return { view: await viewOf(facts) };
  },
});

async function viewOf(facts: Facts): Promise<OverviewView> {
  const { deck, context, deckIds } = facts;
  const [stats, reviewed, answers, due, reviews, leeches, forgotten] = await Promise.all([
    context.call('getDeckStats', { decks: Object.keys(deckIds) }),
    facts.count('rated:1'),
    answersPerDay(context, answerDays),
    dueByDay(facts, forecastDays),
    facts.reviews,
    facts.count(searchForLeeches),
    facts.count(searchForForgotten),
  ]);
  const all = countsOf(deckIds, stats).filter(({ name }) => deck === undefined || isWithin(name, deck));
  const decks = all.slice(0, countWithin(all, maxDeckBytes));
  return {
    ...(deck !== undefined && { deck }),
    decks,
    moreDecks: all.length - decks.length,
    today: { reviewed, ...todayOf(all, deck) },
    answers: {
      start: dateInDays(1 - answerDays),
      counts: answers.perDate.slice(0, answerDays).toReversed(),
      streak: streakOf(answers.perDate),
      ...(answers.cut !== undefined && { includes: answers.cut }),
    },
    forecast: { start: dateInDays(0), counts: due.perDay, overdue: due.overdue },
    retention: {
      days: recentDays,
      ...ratesOf(reviews.reviews),
      ...(reviews.cut !== undefined && { from: reviews.cut }),
    },
    leeches: { cards: leeches, search: facts.within(searchForLeeches) },
    forgotten: { cards: forgotten, search: facts.within(searchForForgotten) },
  };
}

/** Returns what is left today in the collection, or in a deck and those below it. */
function todayOf(decks: readonly DeckCounts[], deck: string | undefined) {
  const { new: unseen, learning, due } = decks.find(({ name }) => name === deck) ?? leftToday(decks);
  return { new: unseen, learning, due };
}
