import { Finder } from './delimited.ts';
import { HtmlParser } from './html-parser.ts';

/** Elements whose text is shown as typed, or is math already. */
const verbatim = new Set(['code', 'pre', 'kbd', 'samp', 'script', 'style', 'textarea', 'anki-mathjax']);

/** Start of math that Anki shows already, and its end. */
export const mathStart = String.raw`\\[([]|\[(?:\$\$?|latex)\]`;
const mathEnds = { ')': /\\\)/g, ']': /\\\]/g, $: /\[\/\$\$?\]/g, latex: /\[\/latex\]/g };

export function mathEndOf(start: string): RegExp {
  if (start === '\\(') return mathEnds[')'];
  if (start === '\\[') return mathEnds[']'];
  return start === '[latex]' ? mathEnds.latex : mathEnds.$;
}

export const display = String.raw`(?<!\$)\$\$(?!\$)((?:\\[\s\S]|[^$\\])+)\$\$(?!\$)`;
export const inline = String.raw`\$(?![\s$])((?:\\.|[^$\\\n])*?(?:\\.|[^$\\\s]))\$(?![\w$])`;
const dollars = new RegExp(`\`[^\`]*\`|\\\\\\$|${display}|${inline}|(${mathStart})`, 'g');

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

function convertText(text: string): string {
  let converted = '';
  let cursor = 0;
  const finder = new Finder(text);
  dollars.lastIndex = 0;
  for (let found = dollars.exec(text); found; found = dollars.exec(text)) {
    if (found[3] !== undefined) {
      // Math of Anki stays as it is. Without an end, the delimiter is text.
      dollars.lastIndex = finder.next(mathEndOf(found[3]), dollars.lastIndex)?.end ?? found.index + 1;
      continue;
    }
    const math = toMathJax(found);
    if (math === undefined) dollars.lastIndex = found.index + (found[1] === undefined ? 1 : 2);
    else {
      converted += text.slice(cursor, found.index) + math;
      cursor = dollars.lastIndex;
    }
  }
  return converted + text.slice(cursor);
}

/** Converts $…$ and $$…$$ to Anki's MathJax delimiters, except in code and prices. */
export function convertMath(html: string): string {
  if (!html.includes('$')) return html;
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
