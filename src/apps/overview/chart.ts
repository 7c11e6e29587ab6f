import { h } from '../shared/dom.ts';
import { s } from '../shared/svg.ts';

export interface Chart {
  readonly height: number;
  /** What the chart says, in a sentence. */
  readonly sentence: string;
  /** Draws the chart at its real width, so that its texts keep their size. */
  readonly draw: (width: number) => readonly SVGElement[];
  /** The same numbers as a table, for screen readers. */
  readonly table: HTMLTableElement;
}

/** Shows a chart, and draws it again when the width changes. */
export function chart({ height, sentence, draw, table }: Chart): HTMLElement[] {
  const place = h('div');
  place.style.height = `${height}px`;
  let drawn = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width === drawn || width === 0) return;
    drawn = width;
    place.replaceChildren(s('svg', { width, height, role: 'img', 'aria-label': sentence }, ...draw(width)));
  }).observe(place);
  return [h('p', { class: 'faint' }, sentence), place, h('div', { class: 'unseen' }, table)];
}

/** Returns a table. The first cell of each row is its header. */
export const tableOf = (
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLTableElement =>
  h(
    'table',
    {},
    h('caption', {}, caption),
    h('thead', {}, h('tr', {}, ...columns.map((name) => h('th', { scope: 'col' }, name)))),
    h(
      'tbody',
      {},
      ...rows.map(([header = '', ...cells]) =>
        h('tr', {}, h('th', { scope: 'row' }, header), ...cells.map((cell) => h('td', {}, cell))),
      ),
    ),
  );
