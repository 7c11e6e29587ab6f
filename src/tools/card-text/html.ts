import { Parser } from 'htmlparser2';

/** Elements whose text is shown as typed, or is math already. */
const verbatim = new Set(['code', 'pre', 'kbd', 'samp', 'script', 'style', 'textarea', 'anki-mathjax']);

const existingMath = String.raw`\\\([\s\S]*?\\\)|\\\[[\s\S]*?\\\]|\[\$\$?\][\s\S]*?\[\/\$\$?\]|\[latex\][\s\S]*?\[\/latex\]`;
const display = String.raw`(?<!\$)\$\$(?!\$)((?:\\[\s\S]|[^$\\])+)\$\$(?!\$)`;
const inline = String.raw`\$(?![\s$])((?:\\.|[^$\\\n])*?(?:\\.|[^$\\\s]))\$(?![\w$])`;
const dollars = new RegExp(`${existingMath}|\`[^\`]*\`|\\\\\\$|${display}|${inline}`, 'g');
const mathAhead = new RegExp(`^(?:${existingMath}|${display}|${inline})`);
const paragraphAhead = new RegExp(`^ {0,3}(?:${display}|\\\\\\[[\\s\\S]*?\\\\\\])[ \\t]*(?:\\n|$)`);

const calculates = /[\\^_={}<>+*/]/;

/** Returns true for prices and words between dollar characters, as in "$5, or 10$" or "$$ is cheap, $$ is not". */
const isProse = (body: string): boolean =>
  !calculates.test(body) && /[a-z]{2}/i.test(body) && /^\s*\d|[a-z]{2,}\s+[a-z]{2,}/i.test(body);

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
function toMathJax([match, block, line]: readonly (string | undefined)[]): string | undefined {
  if (block !== undefined) return isMath(block) ? `\\[${block}\\]` : undefined;
  if (line !== undefined) return isMath(line) ? `\\(${line}\\)` : undefined;
  return match;
}

function convertText(text: string): string {
  let converted = '';
  let cursor = 0;
  dollars.lastIndex = 0;
  for (let found = dollars.exec(text); found; found = dollars.exec(text)) {
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
  const parser = new Parser(
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

const clozeTokens = /\{\{c[\d,]+::|\\[()[\]{}]|[{}]|[^\\{}]+|\\/g;

/** Separates }} of math within cloze deletions by a space: Anki ends a deletion at the first }}. */
export function separateBraces(html: string): string {
  if (!/\{\{c\d/.test(html)) return html;
  const tokens = html.match(clozeTokens) ?? [];
  /** For each open deletion, the depth of math braces at its start. */
  const deletions: number[] = [];
  let separated = '';
  let end = '';
  let depth = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    const isBeforeBrace = tokens[at + 1] === '}';
    const inMath = end !== '';
    separated += token;
    if (token.startsWith('{{')) deletions.push(depth);
    else if (!inMath && (token === '\\(' || token === '\\[')) end = token === '\\(' ? '\\)' : '\\]';
    else if (token === end) [end, depth] = ['', 0];
    else if (token === '{' && inMath) depth++;
    else if (token === '\\}' && inMath && deletions.length > 0 && isBeforeBrace) separated += ' ';
    else if (token === '}' && inMath && depth > (deletions.at(-1) ?? 0)) {
      depth--;
      if (deletions.length > 0 && isBeforeBrace) separated += ' ';
    } else if (token === '}' && deletions.length > 0 && isBeforeBrace) {
      separated += '}';
      at++;
      deletions.pop();
    }
  }
  return separated;
}

const escapeMath = (math: string): string =>
  math
    .replaceAll(/&(?!#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/** Converts Markdown to HTML. Keeps line breaks and math. A single paragraph gets no <p>. */
export async function markdownToHtml(markdown: string): Promise<string> {
  const { Marked } = await import('marked');
  const math = (level: 'block' | 'inline', start: RegExp, ahead: RegExp) => ({
    name: `${level}Math`,
    level,
    start: (source: string) => start.exec(source)?.index,
    tokenizer(source: string) {
      const found = ahead.exec(source);
      if (!found) return undefined;
      const text = toMathJax(found);
      return text === undefined ? undefined : { type: `${level}Math`, raw: found[0], text: text.trim() };
    },
    renderer: (token: { text?: string }) =>
      level === 'block' ? `<p>${escapeMath(token.text ?? '')}</p>\n` : escapeMath(token.text ?? ''),
  });
  const marked = new Marked({
    gfm: true,
    breaks: true,
    extensions: [
      math('block', /(?<=\n) {0,3}(?:\$\$|\\\[)/, paragraphAhead),
      math('inline', /\$|\\[([]|\[(?:\$|latex)/, mathAhead),
    ],
  });
  const html = marked.parse(markdown, { async: false }).trim();
  return /^<p>((?:(?!<p>)[\s\S])*)<\/p>$/.exec(html)?.[1] ?? html;
}

const optionalEndTags = new Set(
  'area base br col embed hr img input link meta source track wbr p li dt dd tr td th thead tbody tfoot option rt rp'.split(
    ' ',
  ),
);

/** Returns the tags that are never closed although HTML requires it. */
export function unclosedTags(html: string): string[] {
  const names = new Set<string>();
  const parser = new Parser({
    onclosetag(name, implied) {
      if (implied && !optionalEndTags.has(name)) names.add(name);
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
  const parser = new Parser({
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
