import { bareText } from './html.ts';

/** Highest number of a deletion that makes a card. */
export const maxCloze = 500;

/** Deletions of a cloze field. The first group is the list of their card numbers. */
export const clozeDeletion = { opening: /\{\{c([\d,]+)::/g, closing: /\}\}/g };

const tokens =
  /\{\{c[\d,]+::|<\/?(?:code|pre|kbd|samp)\b[^<>]*>|`(?:(?!\{\{c\d)[^`\n])+`|\\[()[\]{}]|::|[{}]|[^\\{}<`:]+|[^]/g;

/** What surrounds the start of a deletion. */
interface Surroundings {
  readonly inMath: boolean;
  /** Open braces of math. */
  readonly depth: number;
  /** Open code elements. */
  readonly code: number;
}

/** Separates the characters by which Anki would end an answer, so that they are shown, as Anki's manual recommends. */
const separated = (code: string): string =>
  code.replaceAll(/\}(?=\})/g, '}<!-- -->').replaceAll(/:(?=:)/g, ':<!-- -->');

/** Separates }} and :: of code and math within deletions: Anki ends a deletion at the first }}, its answer at the first ::. */
export function protectClozes(html: string): string {
  if (!/\{\{c\d/.test(html)) return html;
  const found = html.match(tokens) ?? [];
  const open: Surroundings[] = [];
  let result = '';
  let mathEnd = '';
  let depth = 0;
  let code = 0;
  for (let at = 0; at < found.length; at++) {
    const token = found[at] ?? '';
    const innermost = open.at(-1);
    const inMath = mathEnd !== '';
    const isCodeOfAnswer = innermost !== undefined && code > innermost.code;
    const beforeBrace = found[at + 1] === '}';
    if (token.startsWith('{{')) open.push({ inMath, depth, code });
    else if (token.startsWith('</')) code = Math.max(0, code - 1);
    else if (token.startsWith('<') && token.length > 1) code++;
    else if (token.length > 1 && token.startsWith('`')) {
      result += innermost && !inMath ? separated(token) : token;
      continue;
    } else if (isCodeOfAnswer && ((token === '}' && beforeBrace) || token === '::')) {
      result += separated(token === '}' ? '}}' : '::').slice(0, token === '}' ? -1 : undefined);
      continue;
    } else if (isCodeOfAnswer) {
      // Braces of code close no deletion.
    } else if (!inMath && (token === '\\(' || token === '\\[')) mathEnd = token === '\\(' ? '\\)' : '\\]';
    else if (token === mathEnd) [mathEnd, depth] = ['', 0];
    else if (token === '{' && inMath) depth++;
    else if (token === '::' && inMath && innermost && !innermost.inMath) {
      result += ': :';
      continue;
    } else if (token === '\\}' && inMath && innermost && beforeBrace) {
      result += '\\} ';
      continue;
    } else if (token === '}' && inMath && depth > (innermost?.depth ?? 0)) {
      depth--;
      result += innermost && beforeBrace ? '} ' : '}';
      continue;
    } else if (token === '}' && innermost && beforeBrace) {
      result += '}}';
      at++;
      open.pop();
      continue;
    }
    result += token;
  }
  return result;
}

/** Problems of the deletions in a field. */
export interface ClozeScan {
  /** Numbers of the cards that the deletions make. 0 makes none. */
  readonly numbers: ReadonlySet<number>;
  /** An empty deletion, as it is written. */
  readonly empty: string | undefined;
  /** A deletion whose text contains }}, which ends it. */
  readonly cut: string | undefined;
  /** A deletion in code with ::, which Anki takes for the start of a hint. */
  readonly hinted: string | undefined;
  readonly unclosed: number;
}

const maxShown = 60;

/** Returns true if the text hides nothing. Only short texts can be empty. */
const isBlank = (answer: string): boolean => answer.length < 200 && bareText(answer).trim() === '';

/** Reads the deletions of a field as Anki does. */
export function scanClozes(html: string): ClozeScan {
  const numbers = new Set<number>();
  const open: {
    readonly list: string;
    readonly start: number;
    readonly bodyStart: number;
    hasChild: boolean;
  }[] = [];
  let [empty, cut, hinted]: (string | undefined)[] = [];
  const edges = /\{\{c([\d,]+)::|\}\}/g;
  for (let found = edges.exec(html); found; found = edges.exec(html)) {
    const [, list] = found;
    if (list !== undefined) {
      for (const outer of open.slice(-1)) outer.hasChild = true;
      open.push({ list, start: found.index, bodyStart: edges.lastIndex, hasChild: false });
      continue;
    }
    const deletion = open.pop();
    for (const number of deletion?.list.split(',') ?? []) if (Number(number) > 0) numbers.add(Number(number));
    if (!deletion || deletion.hasChild) continue;
    const body = html.slice(deletion.bodyStart, found.index);
    const complete = html.slice(deletion.start, Math.min(edges.lastIndex, deletion.start + maxShown));
    const [answer = ''] = body.split('::', 1);
    if (isBlank(answer)) empty ??= complete;
    if (/^[^{]{0,60}?\}/.test(html.slice(edges.lastIndex, edges.lastIndex + 60)) && hasOpenBrace(body))
      cut ??= complete;
    if (/::/.test(body) && isInCode(html.slice(Math.max(0, deletion.start - maxShown), deletion.start)))
      hinted ??= complete;
  }
  return { numbers, empty, cut, hinted, unclosed: open.length };
}

const hasOpenBrace = (body: string): boolean => {
  const braces = body.match(/\\[{}]|[{}]/g) ?? [];
  return braces.filter((brace) => brace === '{').length > braces.filter((brace) => brace === '}').length;
};

/** Returns true if the text before a deletion opens code and does not close it. */
const isInCode = (before: string): boolean =>
  /<(?:code|pre)\b[^<>]*>(?:(?!<\/(?:code|pre)>)[^])*$/.test(before);

/** Returns the first text that looks like a deletion and is none, with the correct form. */
export function misspeltCloze(html: string): { readonly wrong: string; readonly right: string } | undefined {
  for (const found of html.matchAll(/\{{1,2}\s{0,3}c\s{0,3}(\d{1,3})\s{0,3}:{1,2}/gi)) {
    const [wrong, number = ''] = found;
    if (!/^\{\{c\d+::$/.test(wrong)) return { wrong, right: `{{c${number}::` };
  }
  return undefined;
}
