import { isTag, type ChildNode, type Element } from 'domhandler';
import { escapeHtml } from '../../lib/escape-html.ts';
import type { UrlSource } from './css.ts';
import { writeElement } from './html.ts';

/*
 * Anki draws the masks of an image occlusion card by a script on a canvas, from hidden elements with a shape each.
 * Here they are an SVG over the picture, in fractions of its width and height.
 */

const canvasId = 'image-occlusion-canvas';
const containerId = 'image-occlusion-container';

const attributeOf = ({ attribs }: Element, name: string): string => attribs[`data-${name}`] ?? '';

function fraction(element: Element, name: string): number {
  const value = Number(attributeOf(element, name));
  return Number.isFinite(value) ? Math.min(Math.max(value, -1), 2) : 0;
}

const find = (nodes: readonly ChildNode[], matches: (element: Element) => boolean): Element[] =>
  nodes
    .filter(isTag)
    .flatMap((element) => [...(matches(element) ? [element] : []), ...find(element.children, matches)]);

/** Returns a function that writes the picture of an image occlusion card with its masks. */
export function occlusionWriter(
  nodes: readonly ChildNode[],
  source: UrlSource,
): (element: Element) => string | undefined {
  return (element) => {
    if (element.attribs['id'] !== containerId) return undefined;
    const shapes = find(nodes, ({ attribs }) => attribs['data-shape'] !== undefined).filter(isDrawn);
    const [picture] = find(element.children, ({ name }) => name === 'img');
    const labels = shapes.filter((shape) => attributeOf(shape, 'shape') === 'text');
    const masks = shapes.filter((shape) => attributeOf(shape, 'shape') !== 'text').map(maskOf);
    // Without a mask, the picture would show the answer.
    if (!picture || masks.length === 0 || masks.includes(undefined))
      return '<p>The masks of this picture cannot be drawn here. Study this card in Anki.</p>';
    const svg = `<svg id="${canvasId}" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">${masks.join('')}</svg>`;
    const image = writeElement(picture, '', source);
    return `<div id="${containerId}">${image}${svg}${labels.map(labelOf).join('')}</div>`;
  };
}

const classesOf = ({ attribs }: Element): readonly string[] => (attribs['class'] ?? '').split(/\s+/);

/** Returns true for shapes that are seen on this side: inactive ones only if the note hides all. */
const isDrawn = (shape: Element): boolean =>
  attributeOf(shape, 'shape') === 'text' ||
  !classesOf(shape).includes('cloze-inactive') ||
  attributeOf(shape, 'occludeinactive') === '1';

function maskOf(shape: Element): string | undefined {
  const [left, top, width, height] = ['left', 'top', 'width', 'height'].map((name) => fraction(shape, name));
  const style = ` class="${maskClass(shape)}"${fillOf(shape)}${turnOf(shape, left, top)}`;
  switch (attributeOf(shape, 'shape')) {
    case 'rect':
      return `<rect x="${left}" y="${top}" width="${width}" height="${height}"${style}></rect>`;
    case 'ellipse': {
      const [rx, ry] = [fraction(shape, 'rx'), fraction(shape, 'ry')];
      return `<ellipse cx="${(left ?? 0) + rx}" cy="${(top ?? 0) + ry}" rx="${rx}" ry="${ry}"${style}></ellipse>`;
    }
    case 'polygon':
      return `<polygon points="${attributeOf(shape, 'points').replace(/[^\d., -]/g, '')}"${style}></polygon>`;
    default:
      return undefined;
  }
}

const maskClass = (shape: Element): string => {
  const classes = classesOf(shape);
  if (classes.includes('cloze-highlight')) return 'mask-shown';
  return classes.includes('cloze-inactive') ? 'mask-inactive' : 'mask-active';
};

/** A colour that the note gives a shape. Its own colour is not used for the shape that is shown. */
function fillOf(shape: Element): string {
  const fill = attributeOf(shape, 'fill');
  const isOwn = /^#[\da-f]{3,8}$/i.test(fill) && maskClass(shape) === 'mask-inactive';
  return isOwn ? ` fill="${fill}"` : '';
}

function turnOf(shape: Element, left = 0, top = 0): string {
  const angle = Number(attributeOf(shape, 'angle'));
  return Number.isFinite(angle) && angle !== 0 ? ` transform="rotate(${angle} ${left} ${top})"` : '';
}

function labelOf(shape: Element): string {
  const position = `left:${fraction(shape, 'left') * 100}%;top:${fraction(shape, 'top') * 100}%`;
  return `<span class="mask-label" style="${position}">${escapeHtml(attributeOf(shape, 'text'))}</span>`;
}
