import { Finder } from './delimited.ts';
import { HtmlParser } from './html-parser.ts';

/** Elements whose text is shown as typed, or is math already. */
const verbatim = new Set(['code', 'pre', 'kbd', 'samp', 'script', 'style', 'textarea', 'anki-mathjax']);

/** Start of math that Anki shows already, and its end. */
export const mathStart = String.raw`\\[([]|\[(?:\$\$?|latex)\]`;
const mathEnds = {
  element: /<\/anki-mathjax>/gi,
  ')': /\\\)/g,
  ']': /\\\]/g,
  $: /\[\/\$\$?\]/g,
  latex: /\[\/latex\]/gi,
};

export function mathEndOf(start: string): RegExp {
  if (start === '\\(') return mathEnds[')'];
  if (start === '\\[') return mathEnds[']'];
  if (start.startsWith('<')) return mathEnds.element;
  return start.toLowerCase() === '[latex]' ? mathEnds.latex : mathEnds.$;
}

export const display = String.raw`(?<!\$)\$\$(?!\$)((?:\\[\s\S]|[^$\\])+)\$\$(?!\$)`;
export const inline = String.raw`\$(?![\s$])((?:\\.|[^$\\\n])*?(?:\\.|[^$\\\s]))\$(?![\w$])`;
/** Elements with an opaque content, and complete tags. */
const opaque = '<(pre|code|kbd|samp|script|style|textarea)\\b|</?[a-z][^<>$]*>';
const scanned = new RegExp(
  `\`[^\`]*\`|\\\\\\$|${display}|${inline}|(${mathStart}|<anki-mathjax\\b[^<>]*>)|${opaque}`,
  'gi',
);

const calculates = /[\\^_={}<>+*/]/;

/** Returns true for prices and words between dollar characters, as in "$5, or 10$" or "$$ is cheap, $$ is not". */
const isProse = (body: string): boolean =>
  !calculates.test(body) && /[a-z]{2}/i.test(body) && /^\s*\d|[a-z]{2}\s+[a-z]{2}/i.test(body);

/** Returns true if braces are balanced, as in math. Text between two prices may not be, as in "$5}} or {{c2::$6". */
function isBalanced(body: string): boolean {
  let depth = 0;
  for (const brace of body.match(/\\.|[{}]/g) ?? []) {
    if (brace === '{') depth++;
    if (brace === '}' && --depth < 0) return false;
  }
  return depth === 0;
}

const isMath = (body: string): boolean => isBalanced(body) && !isProse(body);

/** Returns the replacement of a match of `dollars`, or undefined if its first dollar starts no math. */
export function toMathJax([match, block, line]: readonly (string | undefined)[]): string | undefined {
  if (block !== undefined) return isMath(block) ? `\\[${block}\\]` : undefined;
  if (line !== undefined) return isMath(line) ? `\\(${line}\\)` : undefined;
  return match;
}

/** Math in a text, with its delimiters. */
export interface MathPart {
  readonly start: number;
  readonly end: number;
  readonly opening: string;
  readonly body: string;
  /** The same math with Anki's MathJax delimiters, if it has dollars. */
  readonly mathJax: string | undefined;
}

const elementEnds = new Map<string, RegExp>();

/** Returns the expression for the end tag of an element. `Finder` needs the same object each time. */
function endTag(name: string): RegExp {
  const known = elementEnds.get(name) ?? new RegExp(`</${name}>`, 'gi');
  elementEnds.set(name, known);
  return known;
}

/** Returns the math of a text, in any delimiters that Anki or convertMath know. Skips code and prices. */
export function* mathParts(text: string): Generator<MathPart> {
  const finder = new Finder(text);
  const expression = new RegExp(scanned);
  for (let found = expression.exec(text); found; found = expression.exec(text)) {
    const [match, block, line, opening, element] = found;
    const start = found.index;
    if (element !== undefined) {
      expression.lastIndex =
        finder.next(endTag(element.toLowerCase()), expression.lastIndex)?.end ?? text.length;
    } else if (opening !== undefined) {
      const bodyStart = expression.lastIndex;
      const end = finder.next(mathEndOf(opening), bodyStart);
      // Without an end, the delimiter is text.
      expression.lastIndex = end?.end ?? start + 1;
      if (end)
        yield { start, end: end.end, opening, body: text.slice(bodyStart, end.start), mathJax: undefined };
    } else if (block !== undefined || line !== undefined) {
      const mathJax = toMathJax(found);
      if (mathJax === undefined) expression.lastIndex = start + (block === undefined ? 1 : 2);
      else {
        const body = block ?? line ?? '';
        yield { start, end: expression.lastIndex, opening: block === undefined ? '$' : '$$', body, mathJax };
      }
    } else if (match === '') expression.lastIndex++;
  }
}

/** Replaces each math part of a text. */
export function replaceMath(text: string, replace: (part: MathPart, complete: string) => string): string {
  let replaced = '';
  let cursor = 0;
  for (const part of mathParts(text)) {
    replaced += text.slice(cursor, part.start) + replace(part, text.slice(part.start, part.end));
    cursor = part.end;
  }
  return replaced + text.slice(cursor);
}

const convertText = (text: string): string =>
  replaceMath(text, ({ mathJax }, complete) => mathJax ?? complete);

/** A < in math that a browser would take for a tag, although no complete tag follows. */
const tagLike = /<(?=[a-z/!?])(?!\/?[a-z][^<>]*>|!--)/gi;

const isLatex = (opening: string): boolean => opening.startsWith('[');

/** Converts $…$ and $$…$$ to Anki's MathJax delimiters, except in code and prices. */
export function convertMath(html: string): string {
  if (!/\$|\\[([]/.test(html)) return html;
  // LaTeX of Anki stays as it is, also if a < in it looks like a tag.
  const latex: string[] = [];
  const masked = replaceMath(html, ({ opening }, complete) => {
    if (!isLatex(opening)) return complete.replace(tagLike, '&lt;');
    latex.push(complete);
    return '\0';
  });
  return convertDollars(masked).replaceAll('\0', () => latex.shift() ?? '');
}

function convertDollars(html: string): string {
  let converted = '';
  let cursor = 0;
  let depth = 0;
  const copyUpTo = (end: number, isVerbatim = depth > 0) => {
    if (end <= cursor) return;
    const part = html.slice(cursor, end);
    converted += isVerbatim ? part : convertText(part);
    cursor = end;
  };
  const copyTag = () => {
    copyUpTo(parser.startIndex);
    copyUpTo(parser.endIndex + 1, true);
  };
  const parser = new HtmlParser(
    {
      onopentag(name) {
        if (name !== 'br') copyTag();
        if (verbatim.has(name)) depth++;
      },
      onclosetag(name, implied) {
        if (!implied) copyTag();
        else if (name !== 'br') copyUpTo(parser.startIndex);
        if (verbatim.has(name)) depth--;
      },
      oncomment: copyTag,
    },
    { decodeEntities: false },
  );
  parser.end(html);
  copyUpTo(html.length);
  return converted;
}
