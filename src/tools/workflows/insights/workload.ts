import { columns } from './chart.ts';
import { dayMs, recentDays, type Facts, type Insight } from './facts.ts';

/** Anki's days begin at 4 a.m. unless the user says otherwise. */
const rollover = 4 * 3_600_000;

/** How much was studied, day by day. */
export async function workload({ context, deck }: Facts): Promise<Insight> {
  const rows = await context.call('getNumCardsReviewedByDay', {});
  const counts = new Map(rows.map(([day, count]) => [String(day), Number(count)]));
  const dates = lastDays(Math.max(recentDays, counts.size + 2));
  const each = dates.map((date) => counts.get(date) ?? 0);
  const month = each.slice(0, recentDays);
  const answers = month.reduce((sum, count) => sum + count, 0);
  // Today may still come.
  const start = each[0] === 0 ? 1 : 0;
  const gap = each.indexOf(0, start);
  return {
    days: recentDays,
    answers,
    perDay: Math.round(answers / recentDays),
    daysStudied: month.filter((count) => count > 0).length,
    streak: (gap < 0 ? each.length : gap) - start,
    today: each[0] ?? 0,
    chart: `${columns(month.toReversed())}  ${dates[recentDays - 1] ?? ''} to ${dates[0] ?? ''}, most ${Math.max(...month)}`,
    ...(deck !== undefined && { note: 'Of the whole collection: Anki counts this only for all decks.' }),
  };
}

/** Dates as YYYY-MM-DD, from today back. */
function lastDays(count: number): string[] {
  const now = new Date(Date.now() - rollover);
  const noon = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate(), 12);
  return Array.from({ length: count }, (_, back) =>
    new Date(noon - back * dayMs).toISOString().slice(0, 'YYYY-MM-DD'.length),
  );
}
