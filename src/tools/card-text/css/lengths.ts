/** The size of the window in which cards are imagined, in pixels. */
export const windowSize = { width: 1280, height: 800 };

const absoluteUnits: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 9.6 / 2.54,
  q: 2.4 / 2.54,
  rem: 16,
  vw: windowSize.width / 100,
  vi: windowSize.width / 100,
  vh: windowSize.height / 100,
  vb: windowSize.height / 100,
  vmin: windowSize.height / 100,
  vmax: windowSize.width / 100,
};

/** Factors to the font size. */
const fontUnits: Readonly<Record<string, number>> = { em: 1, lh: 1.2, ex: 0.5, ch: 0.5, ic: 1, cap: 0.7 };

/** Font size, and the length that is 100 %, both in pixels. */
export interface Basis {
  readonly font: number;
  readonly percent: number;
}

/** Returns a length in pixels, or undefined if the value is a keyword or too complex. */
export function pixels(value: string, basis: Basis): number | undefined {
  const calculation = /^(?:-webkit-)?calc\((.*)\)$/.exec(value)?.[1];
  if (calculation !== undefined) return sum(calculation.trim(), basis);
  const [, number, unit = ''] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([a-z]*|%)$/.exec(value) ?? [];
  if (number === undefined) return undefined;
  if (unit === '%') return (Number(number) * basis.percent) / 100;
  const inFont = fontUnits[unit];
  const factor = inFont === undefined ? absoluteUnits[unit.replace(/^[sld](?=v)/, '')] : inFont * basis.font;
  return factor === undefined ? undefined : Number(number) * factor;
}

/** Evaluates sums of products without parentheses. */
function sum(calculation: string, basis: Basis): number | undefined {
  let total = 0;
  for (const [, sign = '+', term = ''] of ` + ${calculation}`.matchAll(/\s([+-])\s+((?:(?!\s[+-]\s).)+)/g)) {
    let product = 1;
    for (const [index, factor] of term.split(/(?=[*/])/).entries()) {
      const value = pixels(factor.replace(/^[*/]/, '').trim(), basis);
      if (value === undefined) return undefined;
      product = index > 0 && factor.startsWith('/') ? product / value : product * value;
    }
    total += sign === '-' ? -product : product;
  }
  return Number.isFinite(total) ? total : undefined;
}
