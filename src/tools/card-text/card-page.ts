import { isTag, type ChildNode } from 'domhandler';
import { backOf, questionOf, type CardSides } from './card-side.ts';
import { byName, type MediaLabel } from './media-name.ts';
import { readPage } from './page.ts';
import type { StyleSource } from './css/stylesheet.ts';
import { fieldStyles } from './shown.ts';
import { maxCharacters, parsePage } from './text.ts';
import { textOf } from './tree.ts';

/*
 * What a person sees of a rendered card, and what not.
 *
 * The stylesheet of the note type, the style elements and the style attributes are evaluated as in Anki's window: light,
 * wide, with nothing hovered, clicked or opened. What they hide is replaced by [hidden]. What depends on something that
 * is not known here (a script, a style from elsewhere, a size that only a browser computes) is shown as it is without
 * it, and a sentence after the text says so. In doubt, faint or tiny text counts as hidden. If the styles are too large
 * to be evaluated, the question is not shown, because it may contain the answer, and the answer is shown completely.
 */

/** Returns what the learner sees of the question. */
export const seenQuestion = (card: CardSides, label: MediaLabel = byName): Promise<string> =>
  seen(questionOf(card), { label, ordinal: card.fieldOrder, answerOnly: false });

/** Returns what the learner sees after the line that most templates draw before the answer, or of the complete back. */
export const seenAnswer = (card: CardSides, label: MediaLabel = byName): Promise<string> =>
  seen(backOf(card, maxCharacters), { label, ordinal: card.fieldOrder, answerOnly: true });

interface Side {
  readonly label: MediaLabel;
  readonly ordinal: number;
  readonly answerOnly: boolean;
}

async function seen(html: string, side: Side): Promise<string> {
  const { nodes, finish } = parsePage(html);
  const facts = factsOf(nodes);
  const { withStyles } = await import('./css/evaluate.ts');
  const { read, ignored } = withStyles(nodes, facts.styles, side.ordinal, (styles) =>
    readPage(nodes, styles, side),
  );
  const remarks = [
    ...(read === undefined
      ? [
          `The styles of this card are too large to be evaluated: ${side.answerOnly ? 'hidden parts are shown' : 'the question is not shown'}.`,
        ]
      : []),
    ...remarksOn(facts, ignored),
  ];
  const text = read ?? (side.answerOnly ? readPage(nodes, fieldStyles, side) : '[hidden]');
  return [finish(text, side.label), ...remarks.map((remark) => `(${remark})`)].filter(Boolean).join('\n');
}

/** Names what was not evaluated. */
function remarksOn({ hasScript, hasLink }: Facts, ignored: readonly string[]): string[] {
  const unknown = [...(hasLink ? ['a linked stylesheet'] : []), ...ignored];
  const other = "Anki's window may show more or less.";
  return [
    ...(unknown.length > 0 ? [`Styles that are not evaluated: ${unknown.join(', ')}. ${other}`] : []),
    ...(hasScript ? [`This card has a script, which is not run. ${other}`] : []),
  ];
}

interface Facts {
  readonly styles: StyleSource[];
  hasScript: boolean;
  hasLink: boolean;
}

/** Types of scripts that are data and do not run. */
const isData = (type = ''): boolean => type !== '' && !/javascript|ecmascript|^module$/i.test(type);

/** Returns the style elements of a card, and whether it has scripts and linked stylesheets. */
function factsOf(
  nodes: readonly ChildNode[],
  facts: Facts = { styles: [], hasScript: false, hasLink: false },
): Facts {
  for (const node of nodes) {
    if (!isTag(node) || node.name === 'template' || node.name === 'noscript') continue;
    const { name, attribs } = node;
    if (name === 'style') {
      const { type = '', media = '' } = attribs;
      if (/^(?:text\/css)?$/i.test(type)) facts.styles.push({ css: textOf(node), media });
    } else if (name === 'script') facts.hasScript ||= !isData(attribs['type']);
    else if (name === 'link') facts.hasLink ||= /stylesheet/i.test(attribs['rel'] ?? '');
    else factsOf(node.children, facts);
  }
  return facts;
}
