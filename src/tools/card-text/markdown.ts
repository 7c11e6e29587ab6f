import type { Marked, TokenizerAndRendererExtension } from 'marked';
import { display, inline, mathEndOf, mathStart, toMathJax } from './math.ts';
import { TextRefused } from './text-refused.ts';

/** Maximum characters of a Markdown text. The conversion takes quadratic time for some texts. */
const maxMarkdown = 20_000;

/** Maximum characters of math within Markdown, and of a text that is searched for the next math. */
const maxMath = 4_000;

const startAhead = new RegExp(`^(?:${mathStart})`);
const dollarsAhead = new RegExp(`^(?:${display}|${inline})`);
const paragraphAhead = new RegExp(
  `^ {0,3}(?:${display}|\\\\\\[[\\s\\S]{0,${maxMath}}?\\\\\\])[ \\t]*(?:\\n|$)`,
);

/** Complete match, body of $$…$$, body of $…$. */
type Match = readonly (string | undefined)[];

/** Returns the math at the start of a text. */
function mathAhead(source: string): Match | null {
  const start = startAhead.exec(source)?.[0];
  if (start === undefined) return dollarsAhead.exec(source.slice(0, maxMath));
  const end = mathEndOf(start);
  end.lastIndex = start.length;
  return end.exec(source.slice(0, maxMath)) ? [source.slice(0, end.lastIndex)] : null;
}

const nextParagraph = (source: string): number | undefined =>
  /(?<=\n) {0,3}(?:\$\$|\\\[)/.exec(source.slice(0, maxMath))?.index;

/** Returns the position of the next math. If it is far away, a position from which to search again. */
const nextMath = (source: string): number | undefined =>
  /\$|\\[([]|\[(?:\$|latex)/.exec(source.slice(0, maxMath))?.index ??
  (source.length > maxMath ? maxMath - 10 : undefined);

/** Bold or italic text. Within bold text, there may be single asterisks. */
const emphasis =
  /^(?:(\*{2,3})(?![\s*])((?:[^*\n]|\*(?!\*)){1,1000}?)(?<![\s*])\1(?!\*)|\*(?![\s*])([^*\n]{1,1000})(?<!\s)\*(?!\*))/;
const punctuationAtEdge = /^[\p{P}\p{S}]|[\p{P}\p{S}]$/u;
const cjk = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff00-\uffef]/u;

/** Emphasis with punctuation at its edge, next to CJK text. Markdown's own rule needs a space there. */
const cjkEmphasis: TokenizerAndRendererExtension = {
  name: 'cjkEmphasis',
  level: 'inline',
  start: (source) => /\*/.exec(source.slice(0, maxMath))?.index,
  tokenizer(source, before) {
    const [raw, marks = '*', bold, italic = ''] = emphasis.exec(source) ?? [];
    const body = bold ?? italic;
    if (raw === undefined || !punctuationAtEdge.test(body) || before.at(-1)?.raw.endsWith('*'))
      return undefined;
    if (!cjk.test(body + source.charAt(raw.length))) return undefined;
    const inner = { raw, text: body, tokens: this.lexer.inlineTokens(body) };
    if (marks === '***') return { type: 'em', raw, text: body, tokens: [{ ...inner, type: 'strong' }] };
    return { ...inner, type: marks === '**' ? 'strong' : 'em' };
  },
};

const escapeMath = (math: string): string =>
  math
    .replaceAll(/&(?!#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/** Converts Markdown to HTML. Keeps line breaks and math. A single paragraph gets no <p>. Throws TextRefused. */
export async function markdownToHtml(markdown: string): Promise<string> {
  if (markdown.length > maxMarkdown) {
    throw new TextRefused(
      `Markdown of ${markdown.length} characters is too long: at most ${maxMarkdown} are converted. Pass this note without markdown, as HTML.`,
    );
  }
  const { Marked } = await import('marked');
  const math = (
    level: 'block' | 'inline',
    start: (source: string) => number | undefined,
    ahead: (source: string) => Match | null,
  ) => ({
    name: `${level}Math`,
    level,
    start,
    tokenizer(source: string) {
      const found = ahead(source);
      if (!found) return undefined;
      const text = toMathJax(found);
      return text === undefined
        ? undefined
        : { type: `${level}Math`, raw: found[0] ?? '', text: text.trim() };
    },
    renderer: (token: { text?: string }) =>
      level === 'block' ? `<p>${escapeMath(token.text ?? '')}</p>\n` : escapeMath(token.text ?? ''),
  });
  const marked = new Marked({
    gfm: true,
    breaks: true,
    extensions: [
      math('block', nextParagraph, (source) => paragraphAhead.exec(source)),
      math('inline', nextMath, mathAhead),
      cjkEmphasis,
    ],
  });
  const html = convert(marked, markdown).trim();
  const isParagraph = html.startsWith('<p>') && html.endsWith('</p>') && !html.includes('<p>', 1);
  return isParagraph ? html.slice('<p>'.length, -'</p>'.length) : html;
}

function convert(marked: Marked, markdown: string): string {
  try {
    return marked.parse(markdown, { async: false });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TextRefused('The Markdown is nested too deeply. Pass this note without markdown, as HTML.');
  }
}
