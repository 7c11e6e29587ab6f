const columnHeights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Returns a column chart in one line. The largest value has the highest column, zero is a dot. */
export function columnChart(values: readonly number[]): string {
  const largest = Math.max(...values, 1);
  return values
    .map((value) =>
      value <= 0 ? '·' : columnHeights[Math.ceil((value / largest) * columnHeights.length) - 1],
    )
    .join('');
}

const barLength = 10;

/** Returns a bar for a fraction between 0 and 1. */
export function bar(fraction: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * barLength);
  return '█'.repeat(filled) + '░'.repeat(barLength - filled);
}

/** Returns a fraction between 0 and 1 as a percentage. */
export const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;
