import type { OverviewView } from '../../contract/panels/overview.ts';
import { daysOf, isoDate, monthName, weekdayOf, weekOf, type Day } from './days.ts';
import { counted } from '../shared/counted.ts';
import { s } from '../shared/svg.ts';
import { tableOf, type Chart } from './chart.ts';

const cell = 10;
const step = 12;
/** Place for the names of the days and of the months. */
const left = 30;
const top = 18;
const legendTop = top + 7 * step + 6;
const height = legendTop + 14;

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const levels = 4;

/** Returns how dark a day is, 0 to 4. The root keeps one very busy day from making the others pale. */
const levelOf = (count: number, most: number): number =>
  count <= 0 ? 0 : Math.ceil(levels * Math.sqrt(count / most));

/** Draws the answers of each day as a calendar: a column for each week, as many as there is place for. */
export function heatMap(answers: OverviewView['answers']): Chart {
  const days = daysOf(answers);
  const most = Math.max(...answers.counts, 1);
  return {
    height,
    sentence: sentenceOf(answers),
    draw: (width) => [...squares(days, most, width), ...names(days, width), ...legend(width)],
    table: tableOf('Reviews per day', ['Week of', ...weekdays], weekRows(days)),
  };
}

function sentenceOf({ counts, streak, includes }: OverviewView['answers']): string {
  const weeks = Math.round(counts.length / 7);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return `No reviews in the last ${weeks} weeks.`;
  const studied = counts.filter((count) => count > 0).length;
  const extra = includes === undefined ? '' : ` This includes ${includes}.`;
  return `${counted(total, 'review')} on ${counted(studied, 'day')} of the last ${weeks} weeks, in all decks; ${counted(streak, 'day')} in a row up to today.${extra}`;
}

/** Returns the left edge of the column of a day, in a drawing whose last column is the present week. */
function columns(days: readonly Day[], width: number): (date: Date) => number {
  const last = days.at(-1);
  const present = last ? weekOf(last.date) : 0;
  const count = Math.floor((width - left) / step);
  return (date) => left + (count - 1 - present + weekOf(date)) * step;
}

function squares(days: readonly Day[], most: number, width: number): SVGElement[] {
  const xOf = columns(days, width);
  return days
    .filter(({ date }) => xOf(date) >= left)
    .map(({ date, count }) =>
      square(
        xOf(date),
        top + weekdayOf(date) * step,
        levelOf(count, most),
        `${isoDate(date)}: ${counted(count, 'review')}`,
      ),
    );
}

const square = (x: number, y: number, level: number, title: string): SVGElement =>
  s('rect', { x, y, width: cell, height: cell, rx: 2, class: `level-${level}` }, s('title', {}, title));

/** Draws the names of every second day, and of the months at their first full week. */
function names(days: readonly Day[], width: number): SVGElement[] {
  const xOf = columns(days, width);
  const months = days
    .filter(({ date }) => weekdayOf(date) === 0 && date.getUTCDate() <= 7 && xOf(date) >= left)
    .map(({ date }) => s('text', { x: Math.min(xOf(date), width - 24), y: 12 }, monthName(date)));
  const shown = weekdays.flatMap((name, index) =>
    index % 2 === 0 ? [s('text', { x: 0, y: top + index * step + 9 }, name)] : [],
  );
  return [...months, ...shown];
}

/** Draws what the colours mean, at the right edge. */
function legend(width: number): SVGElement[] {
  const start = width - 34 - (levels + 1) * step;
  return [
    s('text', { x: start - 6, y: legendTop + 10, 'text-anchor': 'end' }, 'Less'),
    ...Array.from({ length: levels + 1 }, (_, level) =>
      s('rect', {
        x: start + level * step,
        y: legendTop + 1,
        width: cell,
        height: cell,
        rx: 2,
        class: `level-${level}`,
      }),
    ),
    s('text', { x: width, y: legendTop + 10, 'text-anchor': 'end' }, 'More'),
  ];
}

function weekRows(days: readonly Day[]): string[][] {
  const rows = new Map<number, string[]>();
  for (const { date, count } of days) {
    const row = rows.get(weekOf(date)) ?? [isoDate(date), ...Array<string>(weekdayOf(date)).fill('')];
    rows.set(weekOf(date), [...row, String(count)]);
  }
  return [...rows.values()];
}
