import { isTag, isText, type ChildNode } from 'domhandler';

import { parseTree } from './tree.ts';

/** Elements that separate words. */
const breaks = new Set(['br', 'div', 'p', 'li', 'tr', 'td']);

/** Returns all text of a field without markup and sounds, hidden or not. */
export const plainText = (html: string): string =>
  parseTree(html)
    .map(read)
    .join('')
    .replace(/\[sound:[^\]]*\]/g, ' ');

function read(node: ChildNode): string {
  if (isText(node)) return node.data;
  if (!isTag(node) || node.name === 'style' || node.name === 'script') return '';
  const content = node.children.map(read).join('');
  return breaks.has(node.name) ? ` ${content} ` : content;
}
