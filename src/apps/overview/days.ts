import type { DayCounts } from '../../contract/panels/overview.ts';

const dayMs = 86_400_000;

export interface Day {
  readonly date: Date;
  readonly count: number;
}

/** Returns each day as midnight UTC, with its number. */
export function daysOf({ start, counts }: DayCounts): Day[] {
  const first = Date.parse(start);
  return counts.map((count, index) => ({ date: new Date(first + index * dayMs), count }));
}

/** Returns the number of the week of a day. Weeks start on Monday; day 0 of Unix time was a Thursday. */
export const weekOf = (date: Date): number => Math.floor((date.getTime() / dayMs + 3) / 7);

/** Returns 0 for Monday to 6 for Sunday. */
export const weekdayOf = (date: Date): number => (date.getUTCDay() + 6) % 7;

export const isoDate = (date: Date): string => date.toISOString().slice(0, 10);

const format = (options: Intl.DateTimeFormatOptions) => {
  const dates = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options });
  return (date: Date): string => dates.format(date);
};

export const monthName = format({ month: 'short' });
export const shortDate = format({ month: 'short', day: 'numeric' });
