/** Characters of names that need no escape. Other characters are written by their code point. */
const plainName = /[\w\u0080-\u{10ffff}-]/u;

const escaped = (character: string): string => `\\${character.codePointAt(0)?.toString(16)} `;

/** Writes a name, so that it is the same one in every context. The first `plain` characters are written as they are. */
export const printName = (name: string, plain = 0): string =>
  [...name]
    .map((character, at) => {
      const isPlain = at < plain || (plainName.test(character) && !(at === 0 && /\d/.test(character)));
      return isPlain ? character : escaped(character);
    })
    .join('');

/** Writes a string in double quotes. It contains no character that ends a string, a style element or an attribute. */
export const printString = (text: string): string =>
  `"${text.replace(/["\\<>&\p{Cc}\u2028\u2029]/gu, escaped)}"`;

export interface Read {
  readonly text: string;
  readonly end: number;
}

const escape = /\\(?:([\da-f]{1,6})(?:\r\n|\s)?|([^\n\r\f]))/iuy;

/** Reads an escape sequence. Returns undefined at a backslash that escapes nothing. */
export function readEscape(css: string, at: number): Read | undefined {
  escape.lastIndex = at;
  const [match, hex, character = ''] = escape.exec(css) ?? [];
  if (match === undefined) return undefined;
  const code = hex === undefined ? undefined : parseInt(hex, 16);
  const isCharacter = code !== undefined && code > 0 && code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff);
  const text = code === undefined ? character : isCharacter ? String.fromCodePoint(code) : '\ufffd';
  return { text, end: escape.lastIndex };
}

/** Decodes all escape sequences of a text. */
export const unescaped = (text: string): string =>
  text.replace(/\\(?:[\da-f]{1,6}\s?|.)/giu, (match) => readEscape(match, 0)?.text ?? '');

const nameRun = /[\w\u0080-\u{10ffff}-]+/uy;

/** Reads a name and decodes its escapes. Its text is empty if there is none. */
export function readName(css: string, start: number): Read {
  let text = '';
  let at = start;
  for (;;) {
    nameRun.lastIndex = at;
    const run = nameRun.exec(css);
    const part = run ? { text: run[0], end: nameRun.lastIndex } : readEscape(css, at);
    if (!part) return { text, end: at };
    text += part.text;
    at = part.end;
  }
}

/** Reads a string and decodes its escapes. Returns no text if the string has no end: then browsers drop it. */
export function readString(css: string, start: number): Partial<Read> & { readonly end: number } {
  const quote = css[start];
  if (quote !== '"' && quote !== "'") return { end: start };
  const parts: string[] = [];
  for (let at = start + 1; at < css.length;) {
    const character = css[at] ?? '';
    if (character === quote) return { text: parts.join(''), end: at + 1 };
    if (/[\n\r\f]/.test(character)) return { end: at };
    if (character === '\\') {
      const part = readEscape(css, at);
      parts.push(part?.text ?? '');
      // A backslash before a line break continues the string on the next line.
      at = part?.end ?? at + 2;
    } else {
      parts.push(character);
      at += 1;
    }
  }
  return { end: css.length };
}
