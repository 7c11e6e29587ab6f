import { dateInDays, daysSince } from '../../anki-day.ts';
import { columnChart } from './chart.ts';
import type { Context } from '../../workflow.ts';
import { recentDays, type Facts, type Insight } from './facts.ts';

/** Maximum number of cards whose changes of due dates are distinguished from answers. */
const maxRescheduled = 2_000;

/** Counts the answers of each day and the current streak. */
export async function workload({ context, deck }: Facts): Promise<Insight> {
  const { perDate, dates, cut } = await answersPerDay(context, recentDays);
  const month = perDate.slice(0, recentDays);
  const answers = month.reduce((sum, count) => sum + count, 0);
  return {
    days: recentDays,
    answers,
    perDay: Math.round(answers / recentDays),
    daysStudied: month.filter((count) => count > 0).length,
    streak: streakOf(perDate),
    today: perDate[0] ?? 0,
    chart: `${columnChart(month.toReversed())}  ${dates[recentDays - 1] ?? ''} to ${dates[0] ?? ''}, most ${Math.max(...month)}`,
    ...(cut !== undefined && { includes: cut }),
    ...(deck !== undefined && { note: 'Of all decks: Anki does not count this by deck.' }),
  };
}

/** Returns the number of days in a row with answers. A day without any ends it, except today, which is not over. */
export function streakOf(perDate: readonly number[]): number {
  const start = perDate[0] === 0 ? 1 : 0;
  const gap = perDate.indexOf(0, start);
  return (gap < 0 ? perDate.length : gap) - start;
}

interface AnswersPerDay {
  /** Number of answers of each day, starting today and going back as far as a streak can. */
  readonly perDate: readonly number[];
  readonly dates: readonly string[];
  /** Says what is counted that is no answer, if anything. */
  readonly cut: string | undefined;
}

/** Counts the answers of each day. Changes of due dates are left out in the last `days` days. */
export async function answersPerDay({ call }: Context, days: number): Promise<AnswersPerDay> {
  const [rows, rescheduled] = await Promise.all([
    call('getNumCardsReviewedByDay', {}),
    call('findCards', { query: `resched:${days}` }),
  ]);
  const cards = rescheduled.slice(0, maxRescheduled);
  const logs = cards.length > 0 ? await call('getReviewsOfCards', { cards }) : {};
  const counts = new Map(rows.map(([day, count]) => [String(day), Number(count)]));
  const length = Math.max(days, counts.size + 2);
  const dates = Array.from({ length }, (_, daysAgo) => dateInDays(-daysAgo));
  const perDate = dates.map((date) => counts.get(date) ?? 0);
  // Anki-Connect also counts changes of due dates, which have no rating.
  for (const { id } of Object.values(logs).flatMap((log) => log.filter(({ ease }) => ease === 0))) {
    const daysAgo = daysSince(id);
    perDate[daysAgo] = Math.max(0, (perDate[daysAgo] ?? 0) - 1);
  }
  const left = rescheduled.length - cards.length;
  return { perDate, dates, cut: left > 0 ? `changes of due dates of ${left} cards` : undefined };
}
