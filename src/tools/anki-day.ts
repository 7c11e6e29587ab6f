/** Milliseconds of a day. */
export const dayMs = 86_400_000;

/** Milliseconds from midnight to the start of Anki's day, 4 a.m. unless the user changed it. */
const rolloverMs = 4 * 3_600_000;

/** Returns the local calendar day to which Anki counts a time, as noon UTC of that day in epoch milliseconds. */
function noonOf(time: number): number {
  const date = new Date(time - rolloverMs);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate(), 12);
}

/** Returns the date of a day relative to today, as YYYY-MM-DD. */
export const dateInDays = (days: number): string =>
  new Date(noonOf(Date.now()) + days * dayMs).toISOString().slice(0, 'YYYY-MM-DD'.length);

/** Returns the number of days from a time until today. */
export const daysSince = (time: number): number => Math.round((noonOf(Date.now()) - noonOf(time)) / dayMs);
