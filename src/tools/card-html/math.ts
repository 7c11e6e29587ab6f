import { escapeHtml } from '../../lib/escape-html.ts';
import { delimited } from '../card-text/delimited.ts';
import { parseTree } from '../card-text/tree.ts';
import { cleanHtml, lineBreak } from './html.ts';

/** Maximum characters of a formula, and maximum number of formulas of a side. Others are shown as they are typed. */
const limits = { characters: 2_000, formulas: 50 };

const ends = { inline: /\\\)/g, block: /\\\]/g };
const formula = {
  opening: /\\[([]/g,
  closing: (opening: string) => (opening === '\\(' ? ends.inline : ends.block),
};

/** Maximum sizes in em of rules and of inline parts, and maximum number of macro expansions. */
const maxSize: [number, number] = [25, 250];
const options = { throwOnError: true, trust: false, maxExpand: 1_000, maxSize };

/** Returns a function that writes a text with its formulas as MathML, which browsers show without a script. */
export async function mathWriter(
  html: string,
  writeText: (text: string) => string,
): Promise<(text: string) => string> {
  if (!/\\[([]/.test(html)) return writeText;
  const { default: temml } = await import('temml');
  let left = limits.formulas;
  const writeFormula = (tex: string, displayMode: boolean): string => {
    const source = `<code class="tex">${escapeHtml(tex)}</code>`;
    if (tex.length > limits.characters || left-- <= 0) return source;
    try {
      const mathMl = temml.renderToString(tex, { ...options, displayMode });
      return cleanHtml(parseTree(mathMl), { source: () => undefined });
    } catch {
      // Unknown commands, endless macros, or too many levels.
      return source;
    }
  };
  return (text) => {
    let written = '';
    let cursor = 0;
    for (const { start, end, opening, body } of delimited(text, formula)) {
      written += writeText(text.slice(cursor, start));
      written += writeFormula(body.replaceAll(lineBreak, ' ').trim(), opening[0] === '\\[');
      cursor = end;
    }
    return written + writeText(text.slice(cursor));
  };
}
