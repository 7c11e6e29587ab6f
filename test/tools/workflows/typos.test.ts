import { expect, test } from 'vitest';
import { isTypo } from '../../../src/tools/workflows/insights/typos.ts';

test.each([
  ['receive', 'recieve', true],
  ['colour', 'color', true],
  ['apples', 'apple', true],
  ['plant', 'slant', false],
  ['desert', 'dinner', false],
  ['planet', 'planet', false],
  ['abcdefg', 'abdcegf', false],
])('%s and %s differ by one typo: %s', (a, b, expected) => {
  expect(isTypo(a, b)).toBe(expected);
  expect(isTypo(b, a)).toBe(expected);
});
