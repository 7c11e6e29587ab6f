import { inOneLine } from './one-line.ts';

/** Returns a count with its noun: "1 deck" or "5,002 notes". */
export const countOf = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** Returns text from the collection or the client for a question: in one line, cut at `maxLength` characters. */
export function shorten(text: string, maxLength = 60): string {
  const line = inOneLine(text);
  return line.length > maxLength ? `${line.slice(0, maxLength).toWellFormed().trimEnd()}…` : line;
}

/** Returns the first names and the number of further ones. */
export const listNames = (names: readonly string[], maxNames = 5): string =>
  [
    ...names.slice(0, maxNames).map((name) => shorten(name)),
    ...(names.length > maxNames ? [`${names.length - maxNames} more`] : []),
  ].join(', ');
