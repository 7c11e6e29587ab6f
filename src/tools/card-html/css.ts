import { printName, printString, readName, readString, unescaped } from './css-text.ts';

/** Returns the data: URL in place of a URL in a stylesheet, or undefined if it may not be loaded. */
export type UrlSource = (url: string) => string | undefined;

/** Rules that load nothing. Others are renamed, so that browsers skip them. */
const safeRules = new Set(
  'media supports layer container scope page starting-style property counter-style keyframes -webkit-keyframes'.split(
    ' ',
  ),
);

/** Functions that load something or ran scripts in earlier browsers. */
const dangerousFunction =
  /^(?:-\w+-)?(?:image-set|cross-fade|element|paint|image|src|expression|url-prefix|domain|document|regexp)$/;

/** Properties that load something or ran scripts in earlier browsers. */
const dangerousProperty = /^(?:(?:-ms-)?behaviou?r|-moz-binding|-o-link(?:-source)?)$/;

/** Heights relative to the window. The frame of a card grows with its content, so it would grow without end. */
const heightUnit = /^[sld]?v(?:h|b|min|max)$/i;
/** Height of the window in pixels for these units. */
const assumedHeight = 600;

const comment = /\/\*[^]*?(?:\*\/|$)/y;
const number = /[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?/iy;
const unquotedUrl = /\s*((?:[^\\"'()\s\p{Cc}]|\\[^\n\r\f])*)\s*\)/uy;
const space = /\s*/y;
const nameStart = /[a-z_\\\u0080-\uffff-]/i;

/** Rewrites CSS token by token. */
class Cleaner {
  readonly #css: string;
  readonly #source: UrlSource;
  readonly #out: string[] = [];
  #at = 0;

  constructor(css: string, source: UrlSource) {
    this.#css = css;
    this.#source = source;
  }

  clean(): string {
    while (this.#at < this.#css.length) this.#token();
    return this.#out.join('');
  }

  /** Reads what an expression matches here. */
  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#css);
    if (found) this.#at = expression.lastIndex;
    return found;
  }

  #name(): string {
    const { text, end } = readName(this.#css, this.#at);
    this.#at = end;
    return text;
  }

  #token(): void {
    const character = this.#css[this.#at] ?? '';
    // A space, because the parts around a comment must not become one name.
    if (this.#match(comment)) this.#out.push(' ');
    else if (character === '"' || character === "'") this.#string();
    else if (character === '@') this.#rule();
    else if (character === '#') this.#hash();
    else if (!this.#number()) {
      if (nameStart.test(character)) this.#word();
      else this.#other(character);
    }
  }

  #string(): void {
    const { text, end } = readString(this.#css, this.#at);
    this.#at = end;
    if (text !== undefined) this.#out.push(printString(text));
  }

  #rule(): void {
    this.#at += 1;
    const name = this.#name();
    this.#out.push(`@${safeRules.has(name.toLowerCase()) ? '' : 'blocked-'}${printName(name)}`);
  }

  #hash(): void {
    this.#at += 1;
    // Unlike other names, it may begin with a digit.
    this.#out.push(printName(`#${this.#name()}`, '#'.length));
  }

  #number(): boolean {
    const [digits] = this.#match(number) ?? [];
    if (digits === undefined) return false;
    const unit = this.#name();
    const pixels = (Number(digits) * assumedHeight) / 100;
    this.#out.push(heightUnit.test(unit) ? `${pixels}px` : `${digits}${printName(unit)}`);
    return true;
  }

  #word(): void {
    const word = this.#name();
    const name = word.toLowerCase();
    const isFunction = this.#css[this.#at] === '(';
    if (word === '') this.#at += 1; // a backslash that escapes nothing
    else if (isFunction && name === 'url') this.#url();
    else {
      const isDangerous = dangerousProperty.test(name) || (isFunction && dangerousFunction.test(name));
      this.#out.push(`${isDangerous ? 'blocked-' : ''}${printName(word)}`);
    }
  }

  #url(): void {
    this.#at += 1;
    const [plain, target = ''] = this.#match(unquotedUrl) ?? [];
    const url = plain === undefined ? this.#quotedUrl() : unescaped(target);
    const allowed = url.startsWith('#') ? url : this.#source(url);
    this.#out.push(`url(${printString(allowed ?? 'data:,')})`);
  }

  /** Reads a URL in quotes up to the closing parenthesis. */
  #quotedUrl(): string {
    this.#match(space);
    const { text = '', end } = readString(this.#css, this.#at);
    const closing = this.#css.indexOf(')', end);
    this.#at = closing < 0 ? this.#css.length : closing + 1;
    return text;
  }

  #other(character: string): void {
    this.#at += 1;
    // A < before a letter could begin or end an element. In a range like (width < 400px) it is kept.
    const isSafe = character === '<' ? /^[\s=\d(]/.test(this.#css.slice(this.#at, this.#at + 1)) : true;
    this.#out.push(isSafe && character !== '\0' ? character : ' ');
  }
}

/** Rewrites a stylesheet, or the declarations of a style attribute, so that it loads nothing and ends no element. */
export const cleanCss = (css: string, source: UrlSource = () => undefined): string =>
  new Cleaner(css, source).clean();
