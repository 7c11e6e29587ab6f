import type { OverviewView } from '../../contract/panels/overview.ts';
import { daysOf, isoDate, shortDate } from './days.ts';
import { counted } from '../shared/counted.ts';
import { s } from '../shared/svg.ts';
import { tableOf, type Chart } from './chart.ts';

const height = 140;
const left = 40;
const top = 12;
const bottom = height - 20;
/** Place that a date takes. */
const labelWidth = 56;

/** Draws how many cards are due on each day. Today's bar has the overdue cards on top. */
export function forecastChart({ overdue, ...forecast }: OverviewView['forecast']): Chart {
  const days = daysOf(forecast).map((day, index) => ({ ...day, overdue: index === 0 ? overdue : 0 }));
  const totals = days.map(({ count, overdue: late }) => count + late);
  const most = Math.max(...totals, 1);
  const sum = totals.reduce((all, count) => all + count, 0);
  const late = overdue > 0 ? `, ${overdue.toLocaleString('en-US')} of them overdue` : '';
  const draw = (width: number): SVGElement[] => {
    const step = (width - left) / days.length;
    const every = Math.ceil(labelWidth / step);
    const heightOf = (count: number) => ((bottom - top) * count) / most;
    const bar = (index: number, from: number, count: number, name: string, title: string) =>
      s(
        'rect',
        {
          x: left + index * step,
          y: bottom - heightOf(from + count),
          width: Math.max(step - 2, 1),
          height: heightOf(count),
          class: name,
        },
        s('title', {}, title),
      );
    return [
      s('text', { x: left - 6, y: top + 8, 'text-anchor': 'end' }, most.toLocaleString('en-US')),
      s('text', { x: left - 6, y: bottom, 'text-anchor': 'end' }, '0'),
      s('path', { d: `M${left} ${bottom + 0.5}H${width}`, class: 'axis' }),
      ...days.flatMap(({ date, count, overdue: before }, index) => [
        bar(index, 0, count, 'due', `${isoDate(date)}: ${counted(count, 'card')}`),
        ...(before > 0 ? [bar(index, count, before, 'overdue', counted(before, 'overdue card'))] : []),
        ...(index % every === 0 && left + index * step + labelWidth <= width + step
          ? [s('text', { x: left + index * step, y: height - 4 }, shortDate(date))]
          : []),
      ]),
    ];
  };
  const rows = days.map(({ date, count, overdue: before }) => [isoDate(date), String(count), String(before)]);
  return {
    height,
    sentence: `${counted(sum, 'card')} due in the next ${days.length} days${late}. New cards are not included.`,
    draw,
    table: tableOf('Due cards per day', ['Day', 'Due', 'Overdue'], rows),
  };
}
