import { dateInDays } from '../../anki-day.ts';
import { columnChart } from './chart.ts';
import { recentDays, type Facts, type Insight } from './facts.ts';

/** Counts the answers of each day and the current streak. */
export async function workload({ context, deck }: Facts): Promise<Insight> {
  const rows = await context.call('getNumCardsReviewedByDay', {});
  const counts = new Map(rows.map(([day, count]) => [String(day), Number(count)]));
  // Starting today and going back.
  const length = Math.max(recentDays, counts.size + 2);
  const dates = Array.from({ length }, (_, daysAgo) => dateInDays(-daysAgo));
  const perDate = dates.map((date) => counts.get(date) ?? 0);
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
    ...(deck !== undefined && { note: 'Of all decks: Anki does not count this by deck.' }),
  };
}
