import { HtmlParser } from './html-parser.ts';

const optionalEndTags = new Set(
  'area base br col embed hr img input link meta source track wbr p li dt dd tr td th thead tbody tfoot option rt rp'.split(
    ' ',
  ),
);

/** Returns the tags that are never closed although HTML requires it. */
export function unclosedTags(html: string): string[] {
  const names = new Set<string>();
  const parser = new HtmlParser({
    onclosetag(name, implied) {
      if (implied && !parser.isFlat && !optionalEndTags.has(name)) names.add(name);
    },
  });
  parser.end(html);
  return [...names];
}

/** Returns a text as Anki stores it, except for Unicode normalization. */
export const cleanText = (text: string): string =>
  text.replaceAll(/\r\n?/g, '\n').replaceAll(/(?![\n\t])[\0-\x1f]/g, '');

/** Returns what Anki compares to find duplicates: the text without markup, and the names of media files. */
export function bareText(html: string): string {
  let text = '';
  let hidden = 0;
  const parser = new HtmlParser({
    onopentag(name, { src, data }) {
      if (name === 'script' || name === 'style') hidden++;
      const file = name === 'object' ? data : src;
      if (file !== undefined) text += ` ${file} `;
    },
    onclosetag(name) {
      if (name === 'script' || name === 'style') hidden--;
    },
    ontext(part) {
      if (hidden === 0) text += part;
    },
  });
  parser.end(html);
  return text.replaceAll('\u00a0', ' ').normalize('NFC');
}
