import type { Element } from 'domhandler';

/** An open list. Ordered lists count their items. */
export interface OpenList {
  readonly isOrdered: boolean;
  readonly type: string;
  readonly step: 1 | -1;
  next: number;
}

const types: Readonly<Record<string, string>> = {
  a: 'lower-alpha',
  A: 'upper-alpha',
  i: 'lower-roman',
  I: 'upper-roman',
};

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*[+-]?\d{1,9}/.test(text) ? Number.parseInt(text, 10) : undefined;

export function openList({ name, attribs, children }: Element, listType: string): OpenList {
  const isReversed = attribs['reversed'] !== undefined;
  const items = () => children.filter((child) => 'name' in child && child.name === 'li').length;
  return {
    isOrdered: name === 'ol',
    type: listType || (types[attribs['type'] ?? ''] ?? 'decimal'),
    step: isReversed ? -1 : 1,
    next: integer(attribs['start']) ?? (isReversed ? items() : 1),
  };
}

/** Returns the marker of the next item of a list, and counts the item. */
export function nextMarker(list: OpenList | undefined, { attribs }: Element): string {
  if (!list?.isOrdered) return '-';
  const number = integer(attribs['value']) ?? list.next;
  list.next = number + list.step;
  return `${numberAs(list.type, number)}.`;
}

function numberAs(type: string, number: number): string {
  const isUpper = type.startsWith('upper-');
  const text = /-(?:alpha|latin)$/.test(type)
    ? alpha(number)
    : type.endsWith('-roman')
      ? roman(number)
      : undefined;
  if (text === undefined || text === '') return String(number);
  return isUpper ? text.toUpperCase() : text;
}

function alpha(number: number): string {
  let text = '';
  for (let left = number; left > 0; left = Math.floor((left - 1) / 26))
    text = String.fromCharCode(97 + ((left - 1) % 26)) + text;
  return text;
}

const numerals = Object.entries({
  m: 1000,
  cm: 900,
  d: 500,
  cd: 400,
  c: 100,
  xc: 90,
  l: 50,
  xl: 40,
  x: 10,
  ix: 9,
  v: 5,
  iv: 4,
  i: 1,
});

function roman(number: number): string {
  if (number < 1 || number > 3999) return '';
  let text = '';
  let left = number;
  for (const [numeral, value] of numerals) for (; left >= value; left -= value) text += numeral;
  return text;
}
