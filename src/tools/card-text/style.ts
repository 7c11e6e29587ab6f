import { delimited, replaceDelimited } from './delimited.ts';

const styleElement = { opening: /<style\b[^<>]*>/gi, closing: /<\/style>/gi };

/** Removes style elements, such as the CSS before both sides of a card. */
export const withoutStyle = (html: string): string => replaceDelimited(html, styleElement, () => '');

/** Returns only the style elements. */
export const styleElementsOf = (html: string): string =>
  Array.from(delimited(html, styleElement), ({ start, end }) => html.slice(start, end)).join('');

/** Returns the position at which a text reaches a length, not counting its style elements. */
export function endWithoutStyle(html: string, length: number): number {
  if (html.length <= length) return html.length;
  let left = length;
  let at = 0;
  for (const { start, end } of delimited(html, styleElement)) {
    if (start - at >= left) return at + left;
    left -= start - at;
    at = end;
  }
  return Math.min(html.length, at + left);
}
