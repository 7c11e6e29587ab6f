import { isTag, isText, type ChildNode, type Element } from 'domhandler';
import { escapeHtml } from '../../lib/escape-html.ts';
import { textOf } from '../card-text/tree.ts';

/** Returns what a hint link opens: the hidden element that follows it. */
function contentOf(link: Element): Element | undefined {
  let next: ChildNode | null = link.next;
  while (next && isText(next) && next.data.trim() === '') next = next.next;
  return next && isTag(next) && next.attribs['id']?.startsWith('hint') ? next : undefined;
}

const isHintLink = ({ name, attribs }: Element): boolean =>
  name === 'a' && /\bhint\b/.test(attribs['class'] ?? '');

/** Writes Anki's hint, a link whose script shows the next element, as an element that opens without a script. */
export function writeHint(
  element: Element,
  write: (nodes: readonly ChildNode[]) => string,
): string | undefined {
  if (isHintLink(element)) {
    const content = contentOf(element);
    if (!content) return undefined;
    return `<details class="hint"><summary>${escapeHtml(textOf(element))}</summary>${write(content.children)}</details>`;
  }
  const { prev } = element;
  const before = prev && isText(prev) && prev.data.trim() === '' ? prev.prev : prev;
  // Written with its link.
  return before && isTag(before) && isHintLink(before) && contentOf(before) === element ? '' : undefined;
}
