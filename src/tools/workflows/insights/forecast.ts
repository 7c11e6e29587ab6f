import { columnChart } from './chart.ts';
import type { Facts, Insight } from './facts.ts';

const days = 7;
const active = '-is:suspended';

/** Counts due cards: overdue, each of the next 7 days, and the next 30 days. */
export async function forecast(facts: Facts): Promise<Insight> {
  const [overdue = 0, later = 0, newCards = 0, ...week] = await Promise.all(
    [
      'prop:due<0',
      `prop:due>=${days} prop:due<30`,
      'is:new',
      ...Array.from({ length: days }, (_, day) => `prop:due=${day}`),
    ].map((search) => facts.count(`${search} ${active}`)),
  );
  const inWeek = week.reduce((sum, count) => sum + count, 0);
  return {
    overdue: { cards: overdue, search: facts.within(`prop:due<0 ${active}`) },
    next7Days: {
      cards: inWeek,
      chart: `${columnChart(week)}  today ${week.join(' ')}`,
      search: facts.within(`prop:due>=0 prop:due<${days} ${active}`),
    },
    next30Days: {
      cards: inWeek + later,
      perDay: Math.round((inWeek + later) / 3) / 10,
      search: facts.within(`prop:due>=0 prop:due<30 ${active}`),
    },
    newWaiting: { cards: newCards, search: facts.within(`is:new ${active}`) },
    note: 'Without cards in learning steps, and without future reviews of new cards.',
  };
}
