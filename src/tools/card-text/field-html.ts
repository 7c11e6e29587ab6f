import { protectClozes } from './cloze.ts';
import { cleanText } from './html.ts';
import { restoreLatex } from './latex-escapes.ts';
import { markdownToHtml } from './markdown.ts';
import { convertMath } from './math.ts';

/** HTML for a field, with warnings about what was changed. */
export interface FieldHtml {
  readonly html: string;
  readonly warnings: readonly string[];
}

/** Converts a text that an assistant wrote to the HTML of a field. Throws TextRefused. */
export async function fieldHtml(input: string, isMarkdown = false): Promise<FieldHtml> {
  const { text, warnings } = restoreLatex(input);
  const clean = cleanText(text);
  return {
    html: protectClozes(isMarkdown ? await markdownToHtml(clean) : convertMath(clean)),
    warnings,
  };
}
