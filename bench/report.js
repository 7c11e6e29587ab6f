// The rows of the report, and how figures are measured and printed.

/** @type {[string, string][]} */
const rows = [];

/** @param {string} title @param {string} figure */
export function report(title, figure) {
  rows.push([title, figure]);
  process.stderr.write(`${title}: ${figure}\n`);
}

/** Returns all rows as a table in Markdown. */
export const table = () =>
  ['| | |', '|---|---|', ...rows.map(([title, figure]) => `| ${title} | ${figure} |`), ''].join('\n');

/** @param {readonly number[]} values */
export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** @param {number} ms */
export const formatMs = (ms) =>
  ms < 10 ? `${ms.toFixed(2)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;

/**
 * Reports two figures and their ratio.
 * @param {string} title @param {number} ours @param {number} baseline @param {(value: number) => string} format
 */
export const reportRatio = (title, ours, baseline, format = formatMs) =>
  report(title, `${format(ours)} / ${format(baseline)} = ${(ours / baseline).toFixed(2)} ×`);

/**
 * Returns how long the work takes, in milliseconds.
 * @param {() => Promise<unknown>} work
 */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Returns the median of how long the work takes, in milliseconds.
 * @param {number} times @param {() => Promise<unknown>} work
 */
export async function medianTime(times, work) {
  const durations = [];
  for (let n = 0; n < times; n++) durations.push(await timed(work));
  return median(durations);
}

/**
 * Returns the median of the CPU time that the work takes in the server and its engine process, in milliseconds.
 * @param {{ cpu(): number }} client @param {number} times @param {(n: number) => Promise<unknown>} work
 */
export async function medianCpu(client, times, work) {
  const durations = [];
  for (let n = 0; n < times; n++) {
    const before = client.cpu();
    await work(n);
    durations.push(client.cpu() - before);
  }
  return median(durations);
}

/** @param {string} front */
export const note = (front) => ({
  deckName: 'Bench',
  modelName: 'Basic',
  fields: { Front: front, Back: 'back' },
});

/** @param {number} count @param {string} prefix */
export const notes = (count, prefix) => Array.from({ length: count }, (_, n) => note(`${prefix} ${n}`));
