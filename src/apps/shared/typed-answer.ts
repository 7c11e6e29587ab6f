import type { AnswerPart, Comparison } from '../../contract/panels/card.ts';
import { h } from './dom.ts';

const tags = { good: 'span', bad: 'del', missed: 'ins' } as const;

const line = (parts: readonly AnswerPart[]): HTMLElement =>
  h(
    'div',
    { class: 'compared', dir: 'auto' },
    ...parts.map(({ kind, text }) => h(tags[kind], { class: kind }, text)),
  );

/** Draws a typed answer above the expected one. A sentence says the same to screen readers, which often ignore marks. */
export function comparisonOf({
  isCorrect,
  typed,
  expected,
  typedParts,
  expectedParts,
}: Comparison): HTMLElement {
  const sentence = isCorrect
    ? `You typed ${typed}. That is correct.`
    : `${typed === '' ? 'You typed nothing.' : `You typed ${typed}.`} The answer is ${expected}.`;
  return h(
    'div',
    { class: 'comparison' },
    h('p', { class: 'unseen' }, sentence),
    h(
      'div',
      { 'aria-hidden': 'true' },
      h('span', { class: 'verdict' }, isCorrect ? '✓' : '✗'),
      h('div', {}, ...(isCorrect || typed === '' ? [] : [line(typedParts)]), line(expectedParts)),
    ),
  );
}
