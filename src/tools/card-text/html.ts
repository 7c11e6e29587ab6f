import { Parser } from 'htmlparser2';

/** What stands in these is shown as it is typed, or is math already. */
const verbatim = new Set(['code', 'pre', 'kbd', 'samp', 'script', 'style', 'textarea', 'anki-mathjax']);

const done = String.raw`\\\([\s\S]*?\\\)|\\\[[\s\S]*?\\\]|\[\$\$?\][\s\S]*?\[\/\$\$?\]|\[latex\][\s\S]*?\[\/latex\]`;
const display = String.raw`(?<!\$)\$\$(?!\$)((?:\\[\s\S]|[^$\\])+)\$\$(?!\$)`;
const inline = String.raw`\$(?![\s$])((?:\\.|[^$\\\n])*?(?:\\.|[^$\\\s]))\$(?![\w$])`;
const dollars = new RegExp(`${done}|\`[^\`]*\`|\\\\\\$|${display}|${inline}`, 'g');
const mathAhead = new RegExp(`^(?:${done}|${display}|${inline})`);
const paragraphAhead = new RegExp(`^ {0,3}(?:${display}|\\\\\\[[\\s\\S]*?\\\\\\])[ \\t]*(?:\\n|$)`);

const calculates = /[\\^_={}<>+*/]/;

/** Prices and words between dollars: "$5, or 10$", "$$ is cheap, $$ is not". */
const isProse = (body: string): boolean =>
  !calculates.test(body) && /[a-z]{2}/i.test(body) && /^\s*\d|[a-z]{2,}\s+[a-z]{2,}/i.test(body);

/** Math closes what it opens; a piece between the dollars of two prices may not, as in "$5}} or {{c2::$6". */
function isBalanced(body: string): boolean {
  let depth = 0;
  for (const brace of body.match(/\\.|[{}]/g) ?? []) {
    if (brace === '{') depth++;
    if (brace === '}' && --depth < 0) return false;
  }
  return depth === 0;
}

const isMath = (body: string): boolean => isBalanced(body) && !isProse(body);

/** What a match of `dollars` becomes; nothing where its first dollar begins no math. */
function mathJax([whole, block, line]: readonly (string | undefined)[]): string | undefined {
  if (block !== undefined) return isMath(block) ? `\\[${block}\\]` : undefined;
  if (line !== undefined) return isMath(line) ? `\\(${line}\\)` : undefined;
  return whole;
}

function convertText(text: string): string {
  let converted = '';
  let cursor = 0;
  dollars.lastIndex = 0;
  for (let found = dollars.exec(text); found; found = dollars.exec(text)) {
    const math = mathJax(found);
    if (math === undefined) dollars.lastIndex = found.index + (found[1] === undefined ? 1 : 2);
    else {
      converted += text.slice(cursor, found.index) + math;
      cursor = dollars.lastIndex;
    }
  }
  return converted + text.slice(cursor);
}

/** $…$ and $$…$$ as Anki's MathJax reads them; not in code, and not prices. */
export function convertMath(html: string): string {
  if (!html.includes('$')) return html;
  let converted = '';
  let cursor = 0;
  let depth = 0;
  const upTo = (end: number, asIs = depth > 0) => {
    if (end <= cursor) return;
    const part = html.slice(cursor, end);
    converted += asIs ? part : convertText(part);
    cursor = end;
  };
  const past = () => {
    upTo(parser.startIndex);
    upTo(parser.endIndex + 1, true);
  };
  const parser = new Parser(
    {
      onopentag(name) {
        if (name !== 'br') past();
        if (verbatim.has(name)) depth++;
      },
      onclosetag(name, implied) {
        if (!implied) past();
        else if (name !== 'br') upTo(parser.startIndex);
        if (verbatim.has(name)) depth--;
      },
      oncomment: past,
    },
    { decodeEntities: false },
  );
  parser.end(html);
  upTo(html.length);
  return converted;
}

const clozeTokens = /\{\{c[\d,]+::|\\[()[\]{}]|[{}]|[^\\{}]+|\\/g;

/** Parts the braces of math within a cloze deletion: there Anki takes the first }} for the deletion's end. */
export function partBraces(html: string): string {
  if (!/\{\{c\d/.test(html)) return html;
  const tokens = html.match(clozeTokens) ?? [];
  /** For each deletion that is open, how deep in math's own braces it began. */
  const deletions: number[] = [];
  let parted = '';
  let end = '';
  let depth = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    const isBeforeBrace = tokens[at + 1] === '}';
    const inMath = end !== '';
    parted += token;
    if (token.startsWith('{{')) deletions.push(depth);
    else if (!inMath && (token === '\\(' || token === '\\[')) end = token === '\\(' ? '\\)' : '\\]';
    else if (token === end) [end, depth] = ['', 0];
    else if (token === '{' && inMath) depth++;
    else if (token === '\\}' && inMath && deletions.length > 0 && isBeforeBrace) parted += ' ';
    else if (token === '}' && inMath && depth > (deletions.at(-1) ?? 0)) {
      depth--;
      if (deletions.length > 0 && isBeforeBrace) parted += ' ';
    } else if (token === '}' && deletions.length > 0 && isBeforeBrace) {
      parted += '}';
      at++;
      deletions.pop();
    }
  }
  return parted;
}

const escaped = (math: string): string =>
  math
    .replaceAll(/&(?!#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/** Markdown, with line breaks as they are typed and math kept, as HTML. A single paragraph stands alone. */
export async function markdownToHtml(markdown: string): Promise<string> {
  const { Marked } = await import('marked');
  const math = (level: 'block' | 'inline', start: RegExp, ahead: RegExp) => ({
    name: `${level}Math`,
    level,
    start: (source: string) => start.exec(source)?.index,
    tokenizer(source: string) {
      const found = ahead.exec(source);
      if (!found) return undefined;
      const text = mathJax(found);
      return text === undefined ? undefined : { type: `${level}Math`, raw: found[0], text: text.trim() };
    },
    renderer: (token: { text?: string }) =>
      level === 'block' ? `<p>${escaped(token.text ?? '')}</p>\n` : escaped(token.text ?? ''),
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

const unclosable = new Set(
  'area base br col embed hr img input link meta source track wbr p li dt dd tr td th thead tbody tfoot option rt rp'.split(
    ' ',
  ),
);

/** The tags that are opened and never closed, where HTML wants that. */
export function unclosedTags(html: string): string[] {
  const names = new Set<string>();
  const parser = new Parser({
    onclosetag(name, implied) {
      if (implied && !unclosable.has(name)) names.add(name);
    },
  });
  parser.end(html);
  return [...names];
}

/** Text as Anki stores it, but for its composed letters. */
export const cleanText = (text: string): string =>
  text.replaceAll(/\r\n?/g, '\n').replaceAll(/(?![\n\t])[\0-\x1f]/g, '');

/** What Anki compares to find duplicates: the text without markup, and the names of media files. */
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
