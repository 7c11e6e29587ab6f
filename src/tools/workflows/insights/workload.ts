import { dateInDays, daysSince } from '../../anki-day.ts';
import { columnChart } from './chart.ts';
import { recentDays, type Facts, type Insight } from './facts.ts';

/** Maximum number of cards whose changes of due dates are distinguished from answers. */
const maxRescheduled = 2_000;

/** Counts the answers of each day and the current streak. */
export async function workload({ context, deck }: Facts): Promise<Insight> {
  const [rows, rescheduled] = await Promise.all([
    context.call('getNumCardsReviewedByDay', {}),
    context.call('findCards', { query: `resched:${recentDays}` }),
  ]);
  const cards = rescheduled.slice(0, maxRescheduled);
  const logs = cards.length > 0 ? await context.call('getReviewsOfCards', { cards }) : {};
  const counts = new Map(rows.map(([day, count]) => [String(day), Number(count)]));
  // Starting today and going back.
  const length = Math.max(recentDays, counts.size + 2);
  const dates = Array.from({ length }, (_, daysAgo) => dateInDays(-daysAgo));
  const perDate = dates.map((date) => counts.get(date) ?? 0);
  // Anki-Connect also counts changes of due dates, which have no rating.
  for (const { id } of Object.values(logs).flatMap((log) => log.filter(({ ease }) => ease === 0))) {
    const daysAgo = daysSince(id);
    perDate[daysAgo] = Math.max(0, (perDate[daysAgo] ?? 0) - 1);
  }
  const month = perDate.slice(0, recentDays);
  const answers = month.reduce((sum, count) => sum + count, 0);
  // A day without answers ends the streak, except today, which is not over.
  const start = perDate[0] === 0 ? 1 : 0;
  const gap = perDate.indexOf(0, start);
  return {
    days: recentDays,
    answers,
    perDay: Math.round(answers / recentDays),
    daysStudied: month.filter((count) => count > 0).length,
    streak: (gap < 0 ? perDate.length : gap) - start,
    today: perDate[0] ?? 0,
    chart: `${columnChart(month.toReversed())}  ${dates[recentDays - 1] ?? ''} to ${dates[0] ?? ''}, most ${Math.max(...month)}`,
    ...(cards.length < rescheduled.length && {
      includes: `changes of due dates of ${rescheduled.length - cards.length} cards`,
    }),
    ...(deck !== undefined && { note: 'Of all decks: Anki does not count this by deck.' }),
  };
}
