import { isTag, isText, type ChildNode, type Element } from 'domhandler';
import { DomHandler } from 'htmlparser2';
import { HtmlParser } from './html-parser.ts';

/** Parses HTML to a tree of limited depth. */
export function parseTree(html: string): ChildNode[] {
  const handler = new DomHandler();
  new HtmlParser(handler).end(html);
  return handler.dom;
}

/** Returns the text of an element without its markup. */
export const textOf = (element: Element): string =>
  element.children.map((child) => (isText(child) ? child.data : isTag(child) ? textOf(child) : '')).join('');
