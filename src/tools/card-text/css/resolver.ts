import { Element, isTag, type ChildNode } from 'domhandler';
import { usualDisplay, type Generated, type ShownStyle, type Styles } from '../shown.ts';
import { Computed } from './computed.ts';
import { contentText } from './generated.ts';
import { shownBy } from './hiding.ts';
import type { Position } from './selectors.ts';
import { countSteps } from './steps.ts';
import { readStyleAttribute, type Declaration, type Rule, type StyleSheet } from './stylesheet.ts';

/** The declaration of a property that wins so far. */
interface Winner {
  readonly value: string;
  readonly weight: number;
  readonly order: number;
}

/** Seconds after which an animation counts as a part of the card that is shown later. */
const maxDelay = 1;

type Winners = Map<string, Winner>;

/** Elements that are replaced, so that nothing is added before or after their content. */
const replaced = new Set(
  'img input br hr video audio iframe object embed canvas textarea select svg'.split(' '),
);

/** Elements that CSS makes a block although they are inline: children of flexible boxes, and boxes out of the flow. */
const makesBlocks = /^(?:inline-)?(?:flex|grid)$/;

/** Computes the styles of a tree by a stylesheet. */
export class Resolver implements Styles {
  readonly #sheet: StyleSheet;
  readonly #computed = new WeakMap<
    Element,
    Readonly<Record<'self', Computed> & Partial<Record<Position, Computed>>>
  >();
  readonly #attributes = new Map<string, readonly Declaration[]>();

  constructor(sheet: StyleSheet) {
    this.#sheet = sheet;
  }

  of(element: Element): ShownStyle {
    const parent = element.parent && isTag(element.parent) ? this.#resolve(element.parent).self : undefined;
    return shownStyle(this.#resolve(element).self, parent);
  }

  generated(element: Element, position: Position): Generated | undefined {
    if (replaced.has(element.name)) return undefined;
    const { self, [position]: computed } = this.#resolve(element);
    const text = computed && contentText(computed.get('content'), element);
    countSteps(text?.length ?? 0);
    return computed && text !== undefined ? { text, style: shownStyle(computed, self) } : undefined;
  }

  #resolve(element: Element): Readonly<Record<'self', Computed> & Partial<Record<Position, Computed>>> {
    const known = this.#computed.get(element);
    if (known) return known;
    const parent = element.parent && isTag(element.parent) ? this.#resolve(element.parent).self : undefined;
    const winners = { self: new Map(), before: new Map(), after: new Map() } satisfies Record<
      string,
      Winners
    >;
    for (const rule of this.#candidates(element)) {
      countSteps(1);
      if (!rule.selector.matches(element)) continue;
      const { position, specificity } = rule.selector;
      for (const declaration of rule.declarations)
        this.#declare(
          winners[position ?? 'self'],
          declaration,
          rule.layer ?? this.#sheet.layers,
          specificity,
        );
    }
    for (const declaration of this.#attributesOf(element))
      this.#declare(winners.self, declaration, this.#sheet.layers + 1, 0);
    for (const position of ['self', 'before', 'after'] as const) this.#animate(winners[position]);
    const self = new Computed(winners.self, parent, usualStyle(element));
    const generated = (position: Position) =>
      winners[position].has('content') ? { [position]: new Computed(winners[position], self, nothing) } : {};
    const resolved = { self, ...generated('before'), ...generated('after') };
    this.#computed.set(element, resolved);
    return resolved;
  }

  *#candidates({ name, attribs }: Element): Generator<Rule> {
    const { rules } = this.#sheet;
    const classes = new Set((attribs['class'] ?? '').split(/\s+/));
    const keys = [`#${attribs['id'] ?? ''}`, ...[...classes].map((each) => `.${each}`), name, '*'];
    countSteps(keys.length);
    for (const key of keys) yield* rules.get(key) ?? [];
  }

  /** Declares a value, if it weighs more than the one before. The order is: importance, layer or attribute, specificity, position. */
  #declare(
    winners: Winners,
    { property, value, isImportant, order }: Declaration,
    layer: number,
    specificity: number,
  ): void {
    countSteps(1);
    const { layers } = this.#sheet;
    // Among important declarations, the first layer wins, and all layers win over the rules outside of them.
    const level = !isImportant ? layer : layer > layers ? 2 * layers + 4 : layers + 3 + (layers - layer);
    const weight = level * 2 ** 30 + specificity;
    const known = winners.get(property);
    if (known && (known.weight > weight || (known.weight === weight && known.order > order))) return;
    winners.set(property, { value, weight, order });
  }

  /** Declares the final frame of an animation that starts soon and stays there, between normal and important declarations. */
  #animate(winners: Winners): void {
    const words = ['animation', 'animation-name', 'animation-fill-mode'].flatMap(
      (property) => winners.get(property)?.value.split(/[\s,]+/) ?? [],
    );
    if (!words.some((word) => /^(?:forwards|both)$/i.test(word))) return;
    const [, delay = winners.get('animation-delay')?.value ?? '0s'] = words.filter((word) =>
      /^[\d.]+m?s$/i.test(word),
    );
    if (Number.parseFloat(delay) * (/ms$/i.test(delay) ? 0.001 : 1) > maxDelay) return;
    const name = words.find((word) => this.#sheet.animations.has(word));
    for (const declaration of this.#sheet.animations.get(name ?? '') ?? [])
      this.#declare(winners, declaration, this.#sheet.layers + 2, 0);
  }

  #attributesOf({ name, attribs }: Element): readonly Declaration[] {
    const { style, bgcolor } = attribs;
    const colour = name === 'font' ? attribs['color'] : undefined;
    const css = `${colour ? `color:${colour};` : ''}${bgcolor ? `background-color:${bgcolor};` : ''}${style ?? ''}`;
    if (css === '') return [];
    const known = this.#attributes.get(css);
    if (known) return known;
    countSteps(css.length);
    const read = readStyleAttribute(css);
    this.#attributes.set(css, read);
    return read;
  }
}

const nothing: ReadonlyMap<string, string> = new Map();

function usualStyle(element: Element): ReadonlyMap<string, string> {
  const style = new Map([['display', usualDisplay(element)]]);
  const { name } = element;
  if (name === 'pre' || name === 'textarea') style.set('white-space', 'pre-wrap');
  if (name === 'mark') style.set('background-color', 'yellow').set('color', 'black');
  if (name === 'a' && element.attribs['href'] !== undefined) style.set('color', '#0000ee');
  return style;
}

function shownStyle(style: Computed, parent: Computed | undefined): ShownStyle {
  const whiteSpace = style.get('white-space');
  return {
    shown: shownBy(style),
    display: displayOf(style, parent),
    whiteSpace: /pre-line/.test(whiteSpace)
      ? 'lines'
      : /pre|break-spaces/.test(whiteSpace)
        ? 'all'
        : 'collapsed',
    listType: style.get('list-style-type'),
  };
}

function displayOf(style: Computed, parent: Computed | undefined): string {
  const display = style.get('display').replace(/^-(?:webkit|ms)-/, '');
  if (!display.startsWith('inline') || (parent && isTableLine(parent))) return display;
  const isBlock =
    /^(?:absolute|fixed)$/.test(style.get('position')) ||
    style.get('float') !== 'none' ||
    (parent && makesBlocks.test(parent.get('display')));
  return isBlock ? 'block' : display;
}

const isTableLine = (style: Computed): boolean => style.get('display') === 'table-row';

/** Places nodes where Anki's window does, for selectors such as .card and #qa. */
export function inWindow(nodes: readonly ChildNode[], ordinal: number): Element {
  const wrapped = (
    name: string,
    attributes: Record<string, string>,
    children: readonly ChildNode[],
  ): Element => {
    const element = new Element(name, attributes, [...children]);
    for (const child of children) child.parent = element;
    return element;
  };
  const platform = { win32: ['win', 'isWin'], darwin: ['mac', 'isMac'] }[process.platform as string] ?? [
    'linux',
    'isLin',
  ];
  const [className = '', bodyClass = ''] = platform;
  const content = wrapped('div', { id: 'qa' }, nodes);
  const body = wrapped('body', { class: `card card${ordinal + 1} ${bodyClass}` }, [content]);
  return wrapped('html', { class: `${className} chrome webkit js` }, [body]);
}
