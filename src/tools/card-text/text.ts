import { replaceDelimited } from './delimited.ts';
import type { ChildNode } from 'domhandler';
import { HtmlParser } from './html-parser.ts';
import { byName, mediaName, type MediaLabel } from './media-name.ts';
import { readPage } from './page.ts';
import { fieldStyles } from './shown.ts';
import { soundsIn } from './sound.ts';
import { endWithoutStyle, withoutStyle } from './style.ts';
import { parseTree } from './tree.ts';

/** Returns all media files that a field refers to, visible or not. */
export function filesIn(html: string): string[] {
  if (!/\bsrc|\bdata\b|\[sound:/i.test(html)) return [];
  const names: string[] = [];
  let text = '';
  const parser = new HtmlParser({
    onopentag(_, { src, data }) {
      for (const source of [src, data]) if (source) names.push(mediaName(source));
    },
    ontext: (piece) => (text += piece),
  });
  parser.end(html);
  return [...names, ...soundsIn(text)].filter((name) => !/^(https?:|embedded )/i.test(name));
}

const mathEnds = { inline: /\\\)/g, block: /\\\]/g };
const math = {
  opening: /\\[([]/g,
  closing: (opening: string) => (opening === '\\(' ? mathEnds.inline : mathEnds.block),
};

/** Escapes < within math, as in `\(a<b\)`, except in tags that people do put into math. */
const protectMath = (html: string): string =>
  replaceDelimited(html, math, (_, complete) =>
    complete.replace(
      /<(?!\/?(?:br *\/?|div|p|b|i|u|em|strong|sub|sup|span|font)>|(?:br|div|p|span|font) [^<>]*>)/gi,
      '&lt;',
    ),
  );

/** Maximum characters of HTML, apart from style elements, that are converted to text. */
export const maxCharacters = 100_000;

const soundMarker = { opening: /\[sound:|\[anki:play:/g, closing: /\]/g };

/** Parses HTML of a card or field. Cuts a very long one. Returns how to complete the text of the page. */
export function parsePage(complete: string): {
  readonly nodes: ChildNode[];
  readonly finish: (text: string, label: MediaLabel) => string;
} {
  const end = endWithoutStyle(complete, maxCharacters);
  const rest = end < complete.length ? withoutStyle(complete.slice(end)).length : 0;
  const cut = rest > 0 ? `\n… (${rest} more characters of HTML are not shown)` : '';
  return {
    nodes: parseTree(protectMath(complete.slice(0, end).toWellFormed())),
    finish(page, label) {
      const text = replaceDelimited(page, soundMarker, ({ opening: [start], body }, marker) => {
        if (start === '[anki:play:') return label('sound', marker);
        return body === '' ? marker : label('sound', body.trimStart());
      });
      return `${text.replace(/\n{3,}/g, '\n\n').trim()}${cut}`;
    },
  };
}

/**
 * Converts HTML of a field to text for a model. Keeps math, lists and cloze blanks, and names pictures and sounds.
 * Cuts a very long text and says so at its end.
 */
export function toText(complete: string): string {
  const { nodes, finish } = parsePage(complete);
  return finish(readPage(nodes, fieldStyles, { label: byName }), byName);
}
