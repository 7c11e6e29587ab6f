const blocks = '▁▂▃▄▅▆▇█';
const maxColumns = 26;

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export const average = (values: readonly number[]): number =>
  values.length === 0 ? 0 : sum(values) / values.length;

/** Rounds to one digit after the point. */
export const tenth = (value: number): number => Math.round(value * 10) / 10;

/** Returns a text chart of daily values: one line for each name, all on the same scale. */
export function chartOf(unit: string, lines: ReadonlyMap<string, readonly number[]>): string {
  const days = Math.max(0, ...[...lines.values()].map(({ length }) => length));
  const perColumn = Math.max(1, Math.ceil(days / maxColumns));
  const columns = [...lines].map(([name, values]) => ({ name, heights: grouped(values, perColumn) }));
  const highest = Math.max(0, ...columns.flatMap(({ heights }) => heights));
  const width = Math.max(0, ...columns.map(({ name }) => name.length));
  const drawn = columns.map(
    ({ name, heights }) =>
      `${name.padEnd(width)} ${heights.map((height) => block(height, highest)).join('')}`,
  );
  const head = `${unit}; a column is ${perColumn === 1 ? '1 day' : `${perColumn} days`}, the highest ${tenth(highest)}`;
  return [head, ...drawn].join('\n');
}

const block = (height: number, highest: number): string =>
  height === 0 ? ' ' : (blocks[Math.min(7, Math.floor((height / highest) * 8))] ?? '');

/** Returns the averages of groups of days. */
const grouped = (values: readonly number[], size: number): number[] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, at) =>
    average(values.slice(at * size, (at + 1) * size)),
  );
