import { Parser } from 'htmlparser2';

const blocks = new Set(
  'p div li tr ul ol dl dt dd table blockquote pre hr section article header footer details summary h1 h2 h3 h4 h5 h6'.split(
    ' ',
  ),
);
const players = new Set(['audio', 'video', 'source']);
const hiddenElements = new Set(['style', 'script', 'head', 'title', 'template', 'rp']);
const isHidden = (style = ''): boolean => /\b(display\s*:\s*none|visibility\s*:\s*hidden)\b/i.test(style);

/** Returns true for a picture that Anki made from LaTeX. Its alt text is the formula. */
const isFormula = (classes = '', alt = ''): boolean => /\blatex\b/.test(classes) && alt !== '';

/** Returns the name of a media file in the media folder. For a data: URL it is "embedded TYPE", for a web address the address. */
export function mediaName(source: string): string {
  const embedded = /^data:([^;,]*)/i.exec(source);
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
  const parser = new Parser({
    onopentag(name, { src = '', style, class: classes, alt }) {
      if (name !== 'img' || src === '' || isHidden(style) || isFormula(classes, alt)) return;
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
  const parser = new Parser({
    onopentag: (_, { src, data }) =>
      names.push(...[src, data].flatMap((source) => (source ? [mediaName(source)] : []))),
    ontext: (piece) => (text += piece),
  });
  parser.end(html);
  names.push(...[...text.matchAll(/\[sound:([^\]]+)\]/g)].map(([, name = '']) => name));
  return names.filter((name) => !/^(https?:|embedded )/i.test(name));
}

/** Escapes < within math, as in `\(a<b\)`, except in tags that people do put into math. */
const protectMath = (html: string): string =>
  html.replace(/\\\(.*?\\\)|\\\[.*?\\\]/gs, (math) =>
    math.replace(
      /<(?!\/?(?:br *\/?|div|p|b|i|u|em|strong|sub|sup|span|font)>|(?:br|div|p|span|font) [^<>]*>)/gi,
      '&lt;',
    ),
  );

/** Converts HTML of a card or field to text for a model. Keeps math, lists and cloze blanks, and names pictures and sounds. */
export function toText(html: string): string {
  const page = new Page();
  const parser = new Parser({
    onopentag: (name, attributes) => page.open(name, attributes),
    ontext: (text) => page.write(text),
    onclosetag: (name) => page.close(name),
  });
  parser.end(protectMath(html));
  return page.text
    .replace(/\[sound:\s*([^\]]+)\]/g, '[sound: $1]')
    .replace(/\[anki:play:[^\]]*\]/g, '[sound]')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Text output with the state of the open elements. */
class Page {
  readonly #lines: string[] = [];
  #line = '';
  /** For each open element, whether its content is visible. */
  readonly #visibility: boolean[] = [];
  #listDepth = 0;
  #preDepth = 0;
  /** Number of cells so far in each open table row. */
  readonly #cellCounts: number[] = [];

  get text(): string {
    return [...this.#lines, this.#line].map((line) => line.trimEnd()).join('\n');
  }

  open(name: string, { src = '', alt, class: classes, hidden, style }: Record<string, string>): void {
    const parentVisible = this.#visible;
    const isFolded = hidden !== undefined || isHidden(style);
    this.#visibility.push(parentVisible && !isFolded && !hiddenElements.has(name) && name !== 'svg');
    if (!parentVisible || hiddenElements.has(name)) return;
    if (blocks.has(name)) this.#endLine();
    if (isFolded) this.#line += '[hidden]';
    else if (name === 'br') this.#break();
    else if (name === 'img' && isFormula(classes, alt)) this.#line += `[latex: ${alt}]`;
    else if (name === 'img') this.#line += `[image: ${mediaName(src) || 'without a name'}]`;
    else if (name === 'svg') this.#line += '[image: drawn in the card]';
    else if (players.has(name) && src !== '')
      this.#line += `[${name === 'video' ? 'video' : 'sound'}: ${mediaName(src)}]`;
    else if (name === 'ul' || name === 'ol') this.#listDepth++;
    else if (name === 'li') this.#line += `${'  '.repeat(Math.max(0, this.#listDepth - 1))}- `;
    else if (name === 'pre') this.#preDepth++;
    else if (name === 'tr') this.#cellCounts.push(0);
    else if (name === 'td' || name === 'th') this.#startCell();
    else if (name === 'sup') this.#line += '^';
    else if (name === 'sub') this.#line += '_';
    else if (name === 'rt') this.#line += '(';
  }

  write(data: string): void {
    if (!this.#visible) return;
    if (this.#preDepth > 0 && !this.#inCell) {
      const lines = `${this.#line}${data.replaceAll('\u00a0', ' ')}`.split('\n');
      this.#line = lines.pop() ?? '';
      for (const line of lines) this.#lines.push(line);
      return;
    }
    const collapsed = data.replace(/[\s\u00a0]+/g, ' ');
    this.#line += this.#line === '' || this.#line.endsWith(' ') ? collapsed.trimStart() : collapsed;
  }

  close(name: string): void {
    if (!(this.#visibility.pop() ?? true)) return;
    if (name === 'ul' || name === 'ol') this.#listDepth--;
    else if (name === 'pre') this.#preDepth--;
    else if (name === 'tr') this.#cellCounts.pop();
    else if (name === 'rt') this.#line += ')';
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
    if (cells > 0) this.#line = `${this.#line.trimEnd()} | `;
    this.#cellCounts.push(cells + 1);
  }

  /** Ends the line, except within a table row and directly after a bullet. */
  #endLine(): void {
    if (this.#line === '' || /^ *- $/.test(this.#line)) return;
    this.#break();
  }

  #break(): void {
    if (this.#inCell) {
      if (!this.#line.endsWith(' ')) this.#line += ' ';
      return;
    }
    this.#lines.push(this.#line);
    this.#line = '';
  }
}
