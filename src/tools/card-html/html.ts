import { isTag, isText, type ChildNode, type Element } from 'domhandler';
import { escapeHtml } from '../../lib/escape-html.ts';
import { cleanCss, type UrlSource } from './css.ts';
import { attributes, elements, removedElements, voidElements } from './names.ts';
import { textOf } from '../card-text/tree.ts';

/*
 * Writes card HTML so that it runs nothing and loads nothing.
 *
 * Only known elements and attributes are written, every attribute in double quotes, every opened element is closed. So
 * the tokenizer alone decides what the output means, and it means the same in every context.
 */

/** How the parts of a card are written that are more than markup. */
export interface Writing {
  /** Returns the data: URL of a picture. */
  readonly source: UrlSource;
  /** Writes an element in another way. Returns undefined for the usual way. */
  readonly element?: (element: Element, write: (nodes: readonly ChildNode[]) => string) => string | undefined;
  /** Writes a text, in which `lineBreak` is a line break. */
  readonly text?: (text: string) => string;
}

/** Represents a br element in a text, because a formula may contain one. */
export const lineBreak = '\0';

export const writeText = (text: string): string => escapeHtml(text).replaceAll(lineBreak, '<br>');

/** Elements whose text is shown as it is. */
const verbatim = new Set(['code', 'pre', 'kbd', 'samp', 'tt']);

/** Writes nodes and what they contain. */
export function cleanHtml(nodes: readonly ChildNode[], writing: Writing): string {
  const { source, element: writeSpecial, text: writeRun = writeText } = writing;
  const write = (children: readonly ChildNode[], isVerbatim = false): string => {
    let html = '';
    let run = '';
    const flush = () => {
      html += isVerbatim ? writeText(run) : writeRun(run);
      run = '';
    };
    for (const node of children) {
      if (isText(node)) run += node.data.replaceAll(lineBreak, '');
      else if (isTag(node) && node.name === 'br') run += lineBreak;
      else if (isTag(node)) {
        flush();
        const isCode = isVerbatim || verbatim.has(node.name);
        html +=
          writeSpecial?.(node, (inner) => write(inner, isCode)) ??
          writeElement(node, write(node.children, isCode), source);
      }
    }
    flush();
    return html;
  };
  return write(nodes);
}

/** Writes an element with this content, or only the content if the element is not known. */
export function writeElement(element: Element, content: string, source: UrlSource): string {
  const name = element.name.toLowerCase();
  if (removedElements.has(name)) return '';
  if (name === 'style') return `<style${mediaOf(element)}>${cleanCss(textOf(element), source)}</style>`;
  if (name === 'img') return picture(element, source);
  if (!elements.has(name)) return content;
  const start = `<${name}${attributesOf(element, source)}>`;
  return voidElements.has(name) ? start : `${start}${content}</${name}>`;
}

const attribute = (name: string, value: string): string => ` ${name}="${escapeHtml(value)}"`;

const mediaOf = ({ attribs }: Element): string =>
  attribs['media'] === undefined ? '' : attribute('media', attribs['media']);

/** Attributes that say something about an element to scripts and styles. `data-href` is ours. */
const isFreeName = (name: string): boolean => /^(?:aria|data)-[a-z\d-]+$/.test(name) && name !== 'data-href';

function attributesOf({ name, attribs }: Element, source: UrlSource): string {
  return Object.entries(attribs)
    .map(([key, value]) => {
      const lower = key.toLowerCase();
      if (lower === 'style') return attribute('style', cleanCss(value, source));
      if (lower === 'href') return hrefOf(name, value);
      if (!attributes.has(lower) && !isFreeName(lower)) return '';
      // In SVG, attributes such as fill may have url().
      return attribute(lower, /[(\\]/.test(value) && !isFreeName(lower) ? cleanCss(value, source) : value);
    })
    .join('');
}

/**
 * In the frame of a card, following a link would replace the card by an error page. So a link to the web is only a mark,
 * which the panel opens.
 */
function hrefOf(name: string, value: string): string {
  if (name === 'use') return value.startsWith('#') ? attribute('href', value) : '';
  if (name !== 'a' || !/^https?:\/\//i.test(value.trim())) return '';
  return `${attribute('data-href', value.trim())} role="link" tabindex="0"`;
}

function picture(element: Element, source: UrlSource): string {
  const { src, ...attribs } = element.attribs;
  const url = src === undefined ? undefined : source(src);
  const rest = attributesOf(Object.assign(Object.create(element), { attribs }), source);
  if (url !== undefined) return `<img src="${escapeHtml(url)}"${rest}>`;
  return `<span class="missing-picture">${escapeHtml(['A picture is missing', attribs['alt']].filter(Boolean).join(': '))}</span>`;
}
