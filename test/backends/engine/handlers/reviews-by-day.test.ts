import { expect, test } from 'vitest';
import { statistic } from '../../../../src/backends/engine/handlers/statistic.ts';
import { openSession } from '../../../support/open-session.ts';
import { seededRandom } from '../../../support/random.ts';
import type { Session } from '../../../../src/backends/engine/session/session.ts';

const day = 86_400_000;
/** Around the end of summer time in 2007: in St. John's at one minute past midnight, so that a part of a day comes twice. */
const changes = [Date.UTC(2007, 10, 3), Date.UTC(2007, 10, 4), Date.UTC(2018, 10, 4), Date.UTC(2023, 2, 26)];

const zones = ['America/St_Johns', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Africa/Cairo', 'UTC'];

/** Returns the start of a day in seconds after midnight, as the handler reads it. */
const startOfDay = async (session: Session): Promise<number> => {
  const { nextDayAt } = await session.call('sched_timing_today', {});
  return new Date(Number(nextDayAt) * 1000).getHours() * 3600;
};

test.each(zones)('reviews are counted by local days, also when the clock changes: %s', async (zone) => {
  const random = seededRandom(1);
  const before = process.env['TZ'];
  process.env['TZ'] = zone; // for the engine's process
  const { session, close } = await openSession();
  try {
    const near = changes.flatMap((change) => Array.from({ length: 700 }, () => change + random(2 * day)));
    const any = Array.from({ length: 2000 }, () => Date.UTC(2006) + random(7000) * day + random(day));
    const odd = [-(2 ** 52), -1, 1, 999, 1000, 253_402_300_800_000, 2 ** 53 - 1];
    const ids = [...new Set([...near, ...any, ...odd])];
    await session.query(`insert into revlog values ${ids.map((id) => `(${id},1,-1,3,1,1,0,0,0)`).join(',')}`);
    const rows = await session.query(
      "select date(id / 1000 - ?, 'unixepoch', 'localtime') as day, count() from revlog group by day order by day desc",
      await startOfDay(session),
    );
    expect(await statistic.getNumCardsReviewedByDay(session)).toEqual(
      rows.map(([date, count]) => [date ?? 'None', count]),
    );
  } finally {
    process.env['TZ'] = before;
    if (before === undefined) delete process.env['TZ'];
    await close();
  }
});
