import { replaceDelimited } from './delimited.ts';
import { HtmlParser } from './html-parser.ts';
import { soundsIn } from './sound.ts';
import { withoutStyle } from './style.ts';
import { TextLines } from './text-lines.ts';

const blocks = new Set(
  'p div li tr ul ol dl dt dd table blockquote pre hr section article header footer details summary h1 h2 h3 h4 h5 h6'.split(
    ' ',
  ),
);
const players = new Set(['audio', 'video', 'source']);
const hiddenElements = new Set(['style', 'script', 'head', 'title', 'template', 'rp']);
const isHidden = (style = ''): boolean => /\b(display\s*:\s*none|visibility\s*:\s*hidden)\b/i.test(style);

/** Returns true for a picture that Anki made from LaTeX. Its alt text is the formula. */
const isFormula = (classes = '', alt = '', src = ''): boolean =>
  /\blatex\b/.test(classes) && alt !== '' && src.startsWith('latex-');

/** Returns the text that stands for a picture, sound or video of this name. */
export type MediaLabel = (kind: 'image' | 'sound' | 'video', name: string) => string;

const byName: MediaLabel = (kind, name) => `[${kind}: ${name}]`;

/** Returns the name of a media file in the media folder. For a data: URL it is "embedded TYPE", for a web address the address. */
export function mediaName(source: string): string {
  const embedded = /^data:([^;,]{0,100})/i.exec(source);
  if (embedded) return `embedded ${embedded[1] ?? ''}`.trim();
  if (/^https?:/i.test(source)) return source;
  try {
    return decodeURIComponent(source);
  } catch {
    return source;
  }
}

/** Returns the visible pictures on a side of a card in their order, each once. */
export function imagesIn(html: string): string[] {
  const names = new Set<string>();
  const parser = new HtmlParser({
    onopentag(name, { src = '', style, class: classes, alt }) {
      if (name !== 'img' || src === '' || isHidden(style) || isFormula(classes, alt, src)) return;
      names.add(mediaName(src));
    },
  });
  parser.end(html);
  return [...names];
}

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
const maxCharacters = 100_000;

const soundMarker = { opening: /\[sound:|\[anki:play:/g, closing: /\]/g };

/**
 * Converts HTML of a card or field to text for a model. Keeps math, lists and cloze blanks, and names pictures and
 * sounds, by default by their files. Cuts a very long text and says so at its end.
 */
export function toText(complete: string, label = byName): string {
  const visible = complete.length > maxCharacters ? withoutStyle(complete) : complete;
  const html = visible.slice(0, maxCharacters).toWellFormed();
  const rest = visible.length - html.length;
  const page = new Page(label);
  const parser = new HtmlParser({
    onopentag: (name, attributes) => page.open(name, attributes),
    ontext: (text) => page.write(text),
    onclosetag: (name) => page.close(name),
  });
  parser.end(protectMath(html));
  const text = replaceDelimited(page.text, soundMarker, ({ opening: [start], body }, marker) => {
    if (start === '[anki:play:') return label === byName ? '[sound]' : label('sound', marker);
    return body === '' ? marker : label('sound', body.trimStart());
  });
  const cut = rest > 0 ? `\n… (${rest} more characters of HTML are not shown)` : '';
  return `${text.replace(/\n{3,}/g, '\n\n').trim()}${cut}`;
}

/** Text with the state of the open elements. */
class Page {
  readonly #lines = new TextLines();
  /** For each open element, whether its content is visible. */
  readonly #visibility: boolean[] = [];
  #listDepth = 0;
  #preDepth = 0;
  /** Number of cells so far in each open table row. */
  readonly #cellCounts: number[] = [];
  readonly #label: MediaLabel;

  constructor(label: MediaLabel) {
    this.#label = label;
  }

  get text(): string {
    return this.#lines.toString();
  }

  open(name: string, { src = '', alt, class: classes, hidden, style }: Record<string, string>): void {
    const parentVisible = this.#visible;
    const isFolded = hidden !== undefined || isHidden(style);
    this.#visibility.push(parentVisible && !isFolded && !hiddenElements.has(name) && name !== 'svg');
    if (!parentVisible || hiddenElements.has(name)) return;
    if (blocks.has(name)) this.#endLine();
    if (isFolded) this.#lines.append('[hidden]');
    else if (name === 'br') this.#break();
    else if (name === 'img' && isFormula(classes, alt, src)) this.#lines.append(`[latex: ${alt}]`);
    else if (name === 'img') this.#lines.append(this.#label('image', mediaName(src) || 'without a name'));
    else if (name === 'svg') this.#lines.append('[image: drawn in the card]');
    else if (players.has(name) && src !== '')
      this.#lines.append(this.#label(name === 'video' ? 'video' : 'sound', mediaName(src)));
    else if (name === 'ul' || name === 'ol') this.#listDepth++;
    else if (name === 'li') this.#lines.bullet(this.#listDepth);
    else if (name === 'pre') this.#preDepth++;
    else if (name === 'tr') this.#cellCounts.push(0);
    else if (name === 'td' || name === 'th') this.#startCell();
    else if (name === 'sup') this.#lines.append('^');
    else if (name === 'sub') this.#lines.append('_');
    else if (name === 'rt') this.#lines.append('(');
  }

  write(data: string): void {
    if (!this.#visible) return;
    if (this.#preDepth > 0 && !this.#inCell) {
      for (const [index, line] of data.replaceAll('\u00a0', ' ').split('\n').entries()) {
        if (index > 0) this.#lines.break();
        this.#lines.append(line);
      }
      return;
    }
    const collapsed = data.replace(/[\s\u00a0]+/g, ' ');
    this.#lines.append(this.#lines.endsWithSpace ? collapsed.trimStart() : collapsed);
  }

  close(name: string): void {
    if (!(this.#visibility.pop() ?? true)) return;
    if (name === 'ul' || name === 'ol') this.#listDepth--;
    else if (name === 'pre') this.#preDepth--;
    else if (name === 'tr') this.#cellCounts.pop();
    else if (name === 'rt') this.#lines.append(')');
    if (blocks.has(name)) this.#endLine();
  }

  get #visible(): boolean {
    return this.#visibility.at(-1) ?? true;
  }

  get #inCell(): boolean {
    return (this.#cellCounts.at(-1) ?? 0) > 0;
  }

  #startCell(): void {
    const cells = this.#cellCounts.pop() ?? 0;
    if (cells > 0) {
      this.#lines.trimEnd();
      this.#lines.append(' | ');
    }
    this.#cellCounts.push(cells + 1);
  }

  /** Ends the line, except within a table row and directly after a bullet. */
  #endLine(): void {
    if (!this.#lines.isStart) this.#break();
  }

  #break(): void {
    if (this.#inCell) {
      if (!this.#lines.endsWithSpace) this.#lines.append(' ');
      return;
    }
    this.#lines.break();
  }
}
