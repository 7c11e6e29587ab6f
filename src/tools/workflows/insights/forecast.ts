import { dateInDays } from '../../anki-day.ts';
import { columnChart } from './chart.ts';
import type { Facts, Insight } from './facts.ts';

const days = 14;
const active = '-is:suspended';

/** Counts due cards: today with overdue ones, each of the next 14 days, and the next 30 days. */
export async function forecast(facts: Facts): Promise<Insight> {
  const [{ overdue, perDay }, later, newCards] = await Promise.all([
    dueByDay(facts, days + 1),
    facts.count(`prop:due>${days} prop:due<30 ${active}`),
    facts.count(`is:new ${active}`),
  ]);
  const [today = 0, ...next] = perDay;
  const inDays = next.reduce((sum, count) => sum + count, 0);
  const inMonth = overdue + today + inDays + later;
  return {
    dueToday: {
      date: dateInDays(0),
      cards: overdue + today,
      overdue,
      search: facts.within(`prop:due<=0 ${active}`),
    },
    nextDays: next.map((cards, index) => ({ date: dateInDays(index + 1), cards })),
    next14Days: {
      cards: inDays,
      chart: columnChart(next),
      search: facts.within(`prop:due>0 prop:due<=${days} ${active}`),
    },
    next30Days: {
      cards: inMonth,
      perDay: Math.round(inMonth / 3) / 10,
      search: facts.within(`prop:due<30 ${active}`),
    },
    newWaiting: { cards: newCards, search: facts.within(`is:new ${active}`) },
    note: 'dueToday includes overdue cards, as Anki shows them today. Future reviews of new cards are not included.',
  };
}

/** Counts the due cards of today and of each of the following days, and those that are overdue. */
export async function dueByDay(facts: Facts, length: number): Promise<{ overdue: number; perDay: number[] }> {
  const [overdue = 0, ...perDay] = await Promise.all(
    ['prop:due<0', ...Array.from({ length }, (_, day) => `prop:due=${day}`)].map((search) =>
      facts.count(`${search} ${active}`),
    ),
  );
  return { overdue, perDay };
}
