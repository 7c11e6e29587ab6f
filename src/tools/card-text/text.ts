import { Parser } from 'htmlparser2';

const blocks = new Set(
  'p div li tr ul ol dl dt dd table blockquote pre hr section article header footer details summary h1 h2 h3 h4 h5 h6'.split(
    ' ',
  ),
);
const players = new Set(['audio', 'video', 'source']);
const unseen = new Set(['style', 'script', 'head', 'title', 'template', 'rp']);
const isUnseen = (style = ''): boolean => /\b(display\s*:\s*none|visibility\s*:\s*hidden)\b/i.test(style);

/** Anki makes pictures of LaTeX, and keeps the formula with them. */
const isFormula = (classes = '', alt = ''): boolean => /\blatex\b/.test(classes) && alt !== '';

/** The name of a media file as it stands in the media folder; of what is not a file, as much as is of use. */
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

/** The pictures on a side of a card, each once, in their order. */
export function imagesIn(html: string): string[] {
  const names = new Set<string>();
  const parser = new Parser({
    onopentag(name, { src = '', style, class: classes, alt }) {
      if (name !== 'img' || src === '' || isUnseen(style) || isFormula(classes, alt)) return;
      names.add(mediaName(src));
    },
  });
  parser.end(html);
  return [...names];
}

/** All media files that a field refers to, seen or not. */
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

/** In `\(a<b\)` no tag begins: only tags that people do put into math are left as they are. */
const protectMath = (html: string): string =>
  html.replace(/\\\(.*?\\\)|\\\[.*?\\\]/gs, (math) =>
    math.replace(
      /<(?!\/?(?:br *\/?|div|p|b|i|u|em|strong|sub|sup|span|font)>|(?:br|div|p|span|font) [^<>]*>)/gi,
      '&lt;',
    ),
  );

/** Card or field HTML as text that a model reads: math, lists and cloze blanks stay, pictures and sounds are named. */
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

/** What was written so far, and in which elements the writing is. */
class Page {
  readonly #lines: string[] = [];
  #line = '';
  /** For each open element, whether what is in it can be seen. */
  readonly #seen: boolean[] = [];
  #lists = 0;
  #verbatim = 0;
  /** How many cells each open row has so far. */
  readonly #rows: number[] = [];

  get text(): string {
    return [...this.#lines, this.#line].map((line) => line.trimEnd()).join('\n');
  }

  open(name: string, { src = '', alt, class: classes, hidden, style }: Record<string, string>): void {
    const before = this.#visible;
    const folded = hidden !== undefined || isUnseen(style);
    this.#seen.push(before && !folded && !unseen.has(name) && name !== 'svg');
    if (!before || unseen.has(name)) return;
    if (blocks.has(name)) this.#endLine();
    if (folded) this.#line += '[hidden]';
    else if (name === 'br') this.#break();
    else if (name === 'img' && isFormula(classes, alt)) this.#line += `[latex: ${alt}]`;
    else if (name === 'img') this.#line += `[image: ${mediaName(src) || 'without a name'}]`;
    else if (name === 'svg') this.#line += '[image: drawn in the card]';
    else if (players.has(name) && src !== '')
      this.#line += `[${name === 'video' ? 'video' : 'sound'}: ${mediaName(src)}]`;
    else if (name === 'ul' || name === 'ol') this.#lists++;
    else if (name === 'li') this.#line += `${'  '.repeat(Math.max(0, this.#lists - 1))}- `;
    else if (name === 'pre') this.#verbatim++;
    else if (name === 'tr') this.#rows.push(0);
    else if (name === 'td' || name === 'th') this.#startCell();
    else if (name === 'sup') this.#line += '^';
    else if (name === 'sub') this.#line += '_';
    else if (name === 'rt') this.#line += '(';
  }

  write(data: string): void {
    if (!this.#visible) return;
    if (this.#verbatim > 0 && !this.#inCell) {
      const lines = `${this.#line}${data.replaceAll('\u00a0', ' ')}`.split('\n');
      this.#line = lines.pop() ?? '';
      for (const line of lines) this.#lines.push(line);
      return;
    }
    const flat = data.replace(/[\s\u00a0]+/g, ' ');
    this.#line += this.#line === '' || this.#line.endsWith(' ') ? flat.trimStart() : flat;
  }

  close(name: string): void {
    if (!(this.#seen.pop() ?? true)) return;
    if (name === 'ul' || name === 'ol') this.#lists--;
    else if (name === 'pre') this.#verbatim--;
    else if (name === 'tr') this.#rows.pop();
    else if (name === 'rt') this.#line += ')';
    if (blocks.has(name)) this.#endLine();
  }

  get #visible(): boolean {
    return this.#seen.at(-1) ?? true;
  }

  get #inCell(): boolean {
    return (this.#rows.at(-1) ?? 0) > 0;
  }

  #startCell(): void {
    const cells = this.#rows.pop() ?? 0;
    if (cells > 0) this.#line = `${this.#line.trimEnd()} | `;
    this.#rows.push(cells + 1);
  }

  /** A row of a table stays on its line, and so does the text after a bullet. */
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
