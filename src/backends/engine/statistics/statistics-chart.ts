import { escapeHtml } from '../../../lib/escape-html.ts';

/** Values of the columns; several series are stacked. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** Returns a number with thousands separators. */
export const formatNumber = (value: number): string => value.toLocaleString('en');

/** Returns a share in percent, or a dash if the total is 0. */
export const formatPercent = (part: number, total: number): string =>
  total === 0 ? '–' : `${((100 * part) / total).toFixed(1)} %`;

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const width = 640;
const height = 200;
const left = 48;
const bottom = 24;
const top = 12;
/** Maximum number of labels that fit below the columns. */
const maxLabels = 12;

/** Returns the next higher round number: one digit and zeros. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return power * ([1, 2, 3, 4, 6, 8].find((step) => step * power >= value) ?? 10);
}

/** Returns a column chart as SVG in the colours of the page. A tooltip shows the value of a column. */
export function columnChart(labels: readonly string[], series: readonly Series[]): string {
  const totals = labels.map((_, position) => sum(series.map(({ values }) => values[position] ?? 0)));
  if (sum(totals) === 0) return '<p class="note">Nothing yet.</p>';
  const maximum = roundUp(Math.max(...totals));
  const step = (width - left) / labels.length;
  const x = (position: number) => (left + position * step).toFixed(1);
  const columnHeight = (value: number) => (value / maximum) * (height - bottom - top);
  const y = (value: number) => (height - bottom - columnHeight(value)).toFixed(1);

  const column = (label: string, position: number): string => {
    let stacked = 0;
    const parts = series.map(({ values }, index) => {
      const value = values[position] ?? 0;
      stacked += value;
      return value === 0
        ? ''
        : `<rect class="s${index}" x="${x(position + 0.1)}" y="${y(stacked)}" width="${(step * 0.8).toFixed(1)}" height="${columnHeight(value).toFixed(1)}"/>`;
    });
    const counts = series.map(({ name, values }) => `${name} ${formatNumber(values[position] ?? 0)}`);
    const tooltip = `${label}: ${counts.join(', ')}`;
    return `<g><title>${escapeHtml(tooltip)}</title>${parts.join('')}</g>`;
  };
  const line = (value: number): string =>
    `<line x1="${left}" x2="${width}" y1="${y(value)}" y2="${y(value)}"/><text x="${left - 6}" y="${y(value)}" dy="4" text-anchor="end">${formatNumber(value)}</text>`;
  const every = Math.ceil(labels.length / maxLabels);
  const axis = labels.map((label, position) =>
    position % every === 0
      ? `<text x="${x(position + 0.5)}" y="${height - 6}" text-anchor="middle">${escapeHtml(label)}</text>`
      : '',
  );
  return [
    legend(series),
    `<svg viewBox="0 0 ${width} ${height}" role="img">`,
    ...[0, maximum / 2, maximum].filter(Number.isInteger).map(line),
    ...labels.map(column),
    ...axis.filter(Boolean),
    '</svg>',
  ].join('\n');
}

function legend(series: readonly Series[]): string {
  if (series.length === 1) return '';
  const names = series.map(
    ({ name }, index) => `<span><i class="s${index}">■</i> ${escapeHtml(name)}</span>`,
  );
  return `<p class="legend">${names.join(' ')}</p>`;
}

const row = (tag: 'th' | 'td', [heading = '', ...cells]: readonly string[]): string =>
  `<tr><th>${escapeHtml(heading)}</th>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;

/** Returns a table whose first row and first column are headings. */
export const table = ([head = [], ...rows]: readonly (readonly string[])[]): string =>
  ['<table>', row('th', head), ...rows.map((cells) => row('td', cells)), '</table>'].join('\n');

/** Returns a section of the page with a heading, a note and a body in HTML. */
export const section = (title: string, note: string, body: string): string =>
  `<section>\n<h2>${escapeHtml(title)}</h2>\n<p class="note">${escapeHtml(note)}</p>\n${body}\n</section>`;

const style = `
:root { color-scheme: light dark; --text: #222; --back: #fff; --line: #ddd; --dim: #666;
  --s0: #3b82c4; --s1: #e08a3c; --s2: #5bb974; --s3: #1f7a4d; --s4: #9b6bb3; }
@media (prefers-color-scheme: dark) {
  :root { --text: #eee; --back: #1e1e1e; --line: #444; --dim: #aaa;
    --s0: #6aa9e0; --s1: #f0a869; --s2: #8fd6a2; --s3: #3fae78; --s4: #c39ad6; }
}
body { max-width: 44rem; margin: 0 auto; padding: 1rem; font: 15px/1.5 system-ui, sans-serif;
  color: var(--text); background: var(--back); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 0; }
.note, .legend { color: var(--dim); margin: .25rem 0; } .legend span { margin-right: 1em; } i { font-style: normal; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--dim); } line { stroke: var(--line); }
table { border-collapse: collapse; } th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; }
${[0, 1, 2, 3, 4].map((n) => `.s${n} { color: var(--s${n}); fill: var(--s${n}); }`).join('\n')}
`;

/** Returns the complete HTML document. */
export const page = (title: string, summary: string, sections: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(summary)}</p>
${sections.join('\n')}
</body>
</html>
`;
