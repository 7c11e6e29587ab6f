import { countOf, shorten } from '../../lib/wording.ts';

/** Says that ids of the request do not exist, if there are any. */
export const missing = (number: number): string | undefined =>
  number === 0 ? undefined : `${countOf(number, 'id')} ${number === 1 ? 'does' : 'do'} not exist`;

/** Joins what was done and what was not to one sentence. */
export const sentence = (...parts: readonly (string | undefined)[]): string => {
  const said = parts.filter((part) => part !== undefined).join('; ');
  return `${said.slice(0, 1).toUpperCase()}${said.slice(1)}.`;
};

/** Returns names in quotes, the first eight of many. */
export const quoted = (names: readonly string[]): string => {
  const shown = names.slice(0, 8).map((name) => `"${shorten(name)}"`);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

/** Counts the distinct items for which a condition holds. */
export const countIf = <T>(items: Iterable<T>, condition: (item: T) => boolean): number =>
  [...new Set(items)].filter(condition).length;
