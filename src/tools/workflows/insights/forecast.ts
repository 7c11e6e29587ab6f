import { columns } from './chart.ts';
import type { Facts, Insight } from './facts.ts';

const days = 7;
const active = '-is:suspended';

/** What falls due: overdue, the days of a week, and the rest of a month. */
export async function forecast(facts: Facts): Promise<Insight> {
  const [overdue = 0, rest = 0, waiting = 0, ...week] = await Promise.all(
    [
      'prop:due<0',
      `prop:due>=${days} prop:due<30`,
      'is:new',
      ...Array.from({ length: days }, (_, day) => `prop:due=${day}`),
    ].map((search) => facts.count(`${search} ${active}`)),
  );
  const next = week.reduce((sum, count) => sum + count, 0);
  return {
    overdue: { cards: overdue, search: facts.within(`prop:due<0 ${active}`) },
    next7Days: {
      cards: next,
      chart: `${columns(week)}  today ${week.join(' ')}`,
      search: facts.within(`prop:due>=0 prop:due<${days} ${active}`),
    },
    next30Days: {
      cards: next + rest,
      perDay: Math.round((next + rest) / 3) / 10,
      search: facts.within(`prop:due>=0 prop:due<30 ${active}`),
    },
    newWaiting: { cards: waiting, search: facts.within(`is:new ${active}`) },
    note: 'Without cards in learning steps, and without the reviews that new cards will bring.',
  };
}
