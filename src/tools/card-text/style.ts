import { replaceDelimited } from './delimited.ts';

const styleElement = { opening: /<style\b[^<>]*>/gi, closing: /<\/style>/gi };

/** Removes style elements, such as the CSS before both sides of a card. */
export const withoutStyle = (html: string): string => replaceDelimited(html, styleElement, () => '');
