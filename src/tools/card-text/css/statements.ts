import { replaceDelimited } from '../delimited.ts';

/** Maximum characters of a statement. The parser takes quadratic time for its length. */
const maxStatement = 8_000;

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

/** Returns true if a selector or declaration is too long, also because a bracket is never closed. */
export function hasLongStatement(css: string): boolean {
  const open: string[] = [];
  const unclosed = new Set<string>();
  let start = 0;
  for (let at = 0; at < css.length; at++) {
    const character = css[at] ?? '';
    if (character === '\\') at++;
    else if (character === '"' || character === "'")
      at = unclosed.has(character) ? at : endOfString(css, at, unclosed);
    else if (character === '/' && css[at + 1] === '*') {
      const end = css.indexOf('*/', at + 2);
      if (end < 0) return false;
      // Comments are no part of a statement.
      start += end + 2 - at;
      at = end + 1;
    } else if (Object.hasOwn(closers, character)) open.push(closers[character] ?? '');
    else if (character === open.at(-1)) open.pop();
    else if (open.length === 0 && (character === ';' || character === '{' || character === '}')) start = at;
    if (at - start > maxStatement) return true;
  }
  return false;
}

/** Returns the position of the closing quote, or the same position if there is none. */
function endOfString(css: string, start: number, unclosed: Set<string>): number {
  const quote = css[start] ?? '';
  for (let at = start + 1; at < css.length; at++) {
    if (css[at] === '\\') at++;
    else if (css[at] === quote) return at;
  }
  unclosed.add(quote);
  return start;
}

const ends: Readonly<Record<string, RegExp>> = { '"': /"\s*\)/g, "'": /'\s*\)/g };
const embedded = {
  opening: /url\(\s*["']?data:/gi,
  closing: (opening: string) => ends[opening.at(-'"data:'.length) ?? ''] ?? /\)/g,
};

/** Removes the content of embedded fonts and pictures. */
export const withoutEmbedded = (css: string): string => replaceDelimited(css, embedded, () => 'url()');
