import { maxCloze, misspeltCloze, scanClozes } from '../card-text/cloze.ts';
import { HtmlParser } from '../card-text/html-parser.ts';
import { unclosedTags } from '../card-text/html.ts';
import { mathParts, replaceMath } from '../card-text/math.ts';
import { echo } from '../../lib/cut.ts';

const inlineElements = new Set(
  'a abbr b bdi bdo big cite del dfn em font i img ins mark q rp rt ruby s small span strike strong sub sup tt u var code kbd samp'.split(
    ' ',
  ),
);
const code = new Set(['code', 'pre', 'kbd', 'samp', 'script', 'style', 'textarea']);
const keepsBreaks = new Set(['pre', 'script', 'style', 'textarea']);

/** Text of a field outside code, and whether it has line breaks that a browser shows as spaces. */
interface Prose {
  readonly text: string;
  readonly losesBreaks: boolean;
}

function readProse(html: string): Prose {
  let text = '';
  let codeDepth = 0;
  let keptDepth = 0;
  /** Whether the line has content, and whether a line break follows it. */
  let hasContent = false;
  let hasBreak = false;
  let losesBreaks = false;
  const addContent = () => {
    if (hasBreak) losesBreaks = true;
    hasContent = true;
  };
  const endLine = () => {
    hasContent = false;
    hasBreak = false;
  };
  const parser = new HtmlParser({
    onopentag(name) {
      if (code.has(name)) codeDepth++;
      if (keepsBreaks.has(name)) keptDepth++;
      if (name === 'img') addContent();
      if (!inlineElements.has(name)) endLine();
    },
    onclosetag(name) {
      if (code.has(name)) codeDepth--;
      if (keepsBreaks.has(name)) keptDepth--;
      if (!inlineElements.has(name)) endLine();
    },
    ontext(piece) {
      if (codeDepth === 0) text += piece;
      if (keptDepth > 0) return;
      for (const [index, line] of piece.split('\n').entries()) {
        if (index > 0 && hasContent) hasBreak = true;
        if (line.trim() !== '') addContent();
      }
    },
  });
  parser.end(html);
  return { text, losesBreaks };
}

const markdown: readonly (readonly [RegExp, string])[] = [
  [/\*{2,3}(?=[^\s*])[^*\n]+(?<=\S)\*{2,3}(?!\*)/, '**bold**'],
  [/(?<![\w\\])_(?=[^\s_])[^_\n]+(?<=\S)_(?!\w)/, '_italic_'],
  [/~~(?=[^\s~])[^~\n]+(?<=\S)~~/, '~~deleted~~'],
  [/!\[[^\][\n]*\]\([^()\s]+\)/, '![picture](…)'],
  [/^\|.*\|[ \t]*\n\|[-: |]+\|/m, '| table |'],
  [/(?<![\w*\\])\*(?=[^\s*])[^*\n]+(?<=\S)\*(?![\w*])/, '*italic*'],
  [/`[^`\n]+`|^```/m, '`code`'],
  [/\[[^\][\n]+\]\((?:https?:|\/)[^()\s]+\)/, '[link](…)'],
  [/^ {0,3}#{1,6} \S/m, '# heading'],
];

/** Text from a < that begins a tag without end. A browser does not show it. */
const unfinishedTag = /<[a-z/!?][^<>]*$/i;

/** Commands that follow a doubled backslash by mistake: a line break of LaTeX is not followed by them. */
const doubled =
  /\\\\(?=[a-zA-Z]{2,}\{|(?:frac|sqrt|sum|int|alpha|beta|gamma|delta|epsilon|theta|lambda|mu|pi|rho|sigma|tau|phi|omega|times|cdot|left|right|begin|end|partial|nabla|infty|leq|geq|neq|lim|log|sin|cos|approx|pm|to|quad|rightarrow)(?![a-zA-Z]))/;

/** A literal \n between two words or lines. */
const literalBreak = /[^\s\\'"`](?<![A-Za-z]:)(?:\\r)?\\n(?=\\n|[^\s'"`)\]])/;
const windowsPath = /[A-Za-z]:\\\S{0,200}/g;

function doubledBackslash(html: string): string | undefined {
  for (const { opening, body, start, end } of mathParts(html)) {
    if (opening.startsWith('\\') && html.charAt(start - 1) === '\\' && body.endsWith('\\'))
      return html.slice(start - 1, end);
    const found = doubled.exec(body);
    if (found) return body.slice(found.index);
  }
  return undefined;
}

/** Returns warnings about HTML that Anki accepts but that is probably a mistake. */
export function warningsOf(name: string, html: string, isMarkdown = false): string[] {
  const withoutMath = replaceMath(html, () => 'x');
  const { text, losesBreaks } = readProse(withoutMath);
  const { numbers, cut, hinted, unclosed } = scanClozes(html);
  const misspelt = misspeltCloze(text);
  const tooHigh = [...numbers].filter((number) => number > maxCloze);
  const [lost] = unfinishedTag.exec(withoutMath) ?? [];
  const tags = unclosedTags(withoutMath).filter((tag) => !lost?.toLowerCase().startsWith(`<${tag}`));
  const repeated = doubledBackslash(html);
  const [, typed] = (isMarkdown ? undefined : markdown.find(([pattern]) => pattern.test(text))) ?? [];
  const short = (part: string) => echo(part, 40);
  return [
    ...(tags.length > 0
      ? [`${tags.map((tag) => `<${short(tag)}>`).join(', ')} not closed; write &lt; for a < of the text`]
      : []),
    ...(lost === undefined ? [] : [`"${short(lost)}" is lost, as an unfinished tag: write &lt; for <`]),
    ...(unclosed > 0 ? ['a cloze deletion is not closed'] : []),
    ...(misspelt ? [`"${misspelt.wrong}" starts no cloze deletion: write ${misspelt.right}`] : []),
    ...(cut === undefined
      ? []
      : [`Anki ends "${short(cut)}" at the first }}: write }<!-- -->} within a deletion`]),
    ...(hinted === undefined
      ? []
      : [`in "${short(hinted)}", what follows :: is a hint; if it is code, write :<!-- -->:`]),
    ...(tooHigh.length > 0 ? [`c${tooHigh[0]}: Anki makes cards to c${maxCloze} only`] : []),
    ...(losesBreaks ? ['line breaks show only as <br>, or with markdown: true'] : []),
    ...(typed === undefined
      ? []
      : [`Markdown such as ${typed} is shown as typed; markdown: true converts it`]),
    ...(repeated === undefined ? [] : [`doubled backslash in "${short(repeated)}": LaTeX needs one`]),
    ...(literalBreak.test(text.replaceAll(windowsPath, ''))
      ? [String.raw`\n is shown as typed; write <br> for a line break`]
      : []),
  ].map((warning) => `${name}: ${warning}`);
}
