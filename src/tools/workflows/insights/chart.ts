const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A line of columns, the highest for the largest value; a dot where there is nothing. */
export function columns(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  return values
    .map((value) => (value <= 0 ? '·' : heights[Math.ceil((value / most) * heights.length) - 1]))
    .join('');
}

const barLength = 10;

/** A bar for a part of a whole. */
export function bar(part: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * barLength);
  return '█'.repeat(filled) + '░'.repeat(barLength - filled);
}

export const percent = (part: number): string => `${Math.round(part * 100)} %`;
