import { minReviews, type OverviewView, type RetentionRate } from '../../contract/panels/overview.ts';
import { h } from '../shared/dom.ts';
import { counted } from '../shared/counted.ts';

/** Shows how many of the due reviews were remembered. */
export function retentionOf({ days, all, young, mature, from }: OverviewView['retention']): HTMLElement[] {
  if (all.reviews === 0) return [h('p', { class: 'faint' }, `No due card was reviewed in ${days} days.`)];
  const sample = from === undefined ? '' : ` From a sample: ${from}.`;
  return [
    h('p', { class: 'faint' }, `Remembered of the due cards in the last ${days} days.${sample}`),
    h(
      'dl',
      { class: 'rates' },
      rate('All cards', all),
      rate('Young (interval below 21 days)', young),
      rate('Mature', mature),
    ),
  ];
}

function rate(name: string, { reviews, remembered }: RetentionRate): HTMLElement {
  const percent = Math.round(remembered * 100);
  const bar = h('span', { class: 'bar', 'aria-hidden': 'true' }, h('span'));
  bar.style.setProperty('--part', `${reviews === 0 ? 0 : percent}%`);
  const remark = reviews < minReviews ? ', too few to rely on' : '';
  return h(
    'div',
    {},
    h('dt', {}, name),
    h(
      'dd',
      {},
      h('strong', {}, reviews === 0 ? '–' : `${percent} %`),
      bar,
      h('small', {}, `of ${counted(reviews, 'review')}${remark}`),
    ),
  );
}
