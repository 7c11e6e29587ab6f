import { expect, test } from 'vitest';
import { compareAnswer } from '../../../../src/tools/workflows/study/panel/compare.ts';

const marks = { good: '', bad: '-', missed: '+' };
const compared = (typed: string, html: string, ignoresAccents = false) => {
  const { isCorrect, typedParts, expectedParts } = compareAnswer(typed, { html, ignoresAccents });
  const print = (parts: typeof typedParts) =>
    parts.map(({ kind, text }) => `${marks[kind]}${text}`).join('|');
  return [isCorrect, print(typedParts), print(expectedParts)];
};

test.each([
  ['Rome', 'Rome', [true, 'Rome', 'Rome']],
  ['Roma', 'Rome', [false, 'Rom|-a', 'Rom|+e']],
  ['Rme', 'Rome', [false, 'R|+-|me', 'R|+o|me']],
  ['xRome', 'Rome', [false, '-x|Rome', 'Rome']],
  ['', 'Rome', [false, '', '+Rome']],
  ['Rome', '', [false, '-Rome', '']],
  ['a b', '<div>a</div><div>b</div>', [true, 'a b', 'a b']],
  ['a & b', '<b>a</b> &amp;&nbsp;b[sound:x.mp3]', [true, 'a & b', 'a & b']],
  ['cafe\u0301', 'café', [true, 'café', 'café']],
  ['😀', '😁', [false, '-😀', '+😁']],
])('compares %j with %j', (typed, html, expected) => {
  expect(compared(typed, html)).toEqual(expected);
});

test('ignores accents where the template says so', () => {
  expect(compared('cafe', 'café', true)).toEqual([true, 'cafe', 'café']);
  expect(compared('cafe', 'café')[0]).toBe(false);
});

test('compares long answers as a whole', () => {
  expect(compared('a'.repeat(400), 'b'.repeat(400))[0]).toBe(false);
});
