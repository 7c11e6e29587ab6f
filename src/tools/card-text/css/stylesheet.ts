import { compileQuery, matches } from 'media-query-fns';
import { list, type AtRule, type ChildNode } from 'postcss';
import safeParse from 'postcss-safe-parser';
import { windowSize } from './lengths.ts';
import { longhands, type Longhand } from './properties.ts';
import { hasLongStatement, withoutEmbedded } from './statements.ts';
import { isTooLong, parseSelectors, type PartialSelector } from './selectors.ts';

/** Limits of the stylesheets of a side. */
const limits = {
  characters: 500_000,
  parentheses: 10_000,
  rules: 5_000,
  declarations: 50_000,
  value: 2_000,
  depth: 16,
};

export interface Declaration extends Longhand {
  readonly isImportant: boolean;
  /** Position among all declarations of the side. */
  readonly order: number;
}

export interface Rule {
  readonly selector: PartialSelector;
  readonly declarations: readonly Declaration[];
  /** Number of its layer, from 0, or undefined outside of layers. */
  readonly layer: number | undefined;
}

/** A style element: its text and its media attribute. */
export interface StyleSource {
  readonly css: string;
  readonly media: string;
}

/** The rules of a side, by what an element must have to match. */
export interface StyleSheet {
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  readonly layers: number;
  /** Final declarations of each animation. */
  readonly animations: ReadonlyMap<string, readonly Declaration[]>;
  /** Parts of CSS that cannot be evaluated here, as in @import. */
  readonly ignored: readonly string[];
  readonly isTooLarge: boolean;
}

/** The latest stylesheets: the cards of a note type share one. */
const known = new Map<string, StyleSheet>();
const maxKnown = 8;

export function readStyleSheet(sources: readonly StyleSource[]): StyleSheet {
  const key = sources.map(({ css, media }) => `${media}\0${css}`).join('\0');
  const found = known.get(key) ?? new Reader().read(sources);
  known.delete(key);
  known.set(key, found);
  for (const [oldest] of known) if (known.size > maxKnown) known.delete(oldest);
  return found;
}

/** Returns the declarations of a style attribute. */
export function readStyleAttribute(css: string): Declaration[] {
  const short = withoutEmbedded(css);
  return hasLongStatement(short) ? [] : declarationsOf(parseCss(short), 0);
}

/** At-rules whose effect is not known here: other files, and sizes that only a browser computes. */
const notEvaluated = new Set('import container scope'.split(' '));

/** Where a rule is: the selectors around it and its layer. */
interface Place {
  readonly parent: string | undefined;
  readonly layer: string | undefined;
  readonly depth: number;
}

class Reader {
  readonly #rules = new Map<string, Rule[]>();
  readonly #layers = new Map<string, number>();
  readonly #animations = new Map<string, Declaration[]>();
  readonly #ignored = new Set<string>();
  #ruleCount = 0;
  #order = 0;
  #isTooLarge = false;

  read(sources: readonly StyleSource[]): StyleSheet {
    const sheets = sources.flatMap(({ css, media }) =>
      media.trim() === '' || isScreen(media) ? [withoutEmbedded(css)] : [],
    );
    this.#isTooLarge = isTooLarge(sheets);
    for (const css of this.#isTooLarge ? [] : sheets)
      this.#readAll(parseCss(css), { parent: undefined, layer: undefined, depth: 0 });
    return {
      rules: this.#rules,
      layers: this.#layers.size,
      animations: this.#animations,
      ignored: [...this.#ignored],
      isTooLarge: this.#isTooLarge,
    };
  }

  #readAll(nodes: readonly ChildNode[], place: Place): void {
    if (place.depth > limits.depth) {
      this.#isTooLarge = true;
      return;
    }
    if (place.parent !== undefined) this.#add(place.parent, nodes, place);
    for (const node of nodes) {
      if (node.type === 'rule') {
        const selector = nested(node.selector, place.parent);
        if (isTooLong(selector)) this.#isTooLarge = true;
        else this.#readAll(node.nodes ?? [], { ...place, parent: selector, depth: place.depth + 1 });
      } else if (node.type === 'atrule') this.#readAtRule(node, place);
    }
  }

  #readAtRule(rule: AtRule, place: Place): void {
    const name = rule.name.toLowerCase();
    const inside = () => this.#readAll(rule.nodes ?? [], { ...place, depth: place.depth + 1 });
    if (name === 'media') {
      if (isScreen(rule.params)) inside();
    } else if (name === 'supports') {
      if (!/^\s*not\b/i.test(rule.params)) inside();
    } else if (name === 'layer') this.#readLayer(rule, place);
    else if (/^(?:-webkit-)?keyframes$/.test(name)) this.#readAnimation(rule);
    else if (notEvaluated.has(name)) this.#ignored.add(`@${name}`);
  }

  #readLayer({ params, nodes }: AtRule, place: Place): void {
    const names = list.comma(params);
    const full = (name: string) => (place.layer === undefined ? name : `${place.layer}.${name}`);
    const declare = (name: string) => {
      if (!this.#layers.has(name)) this.#layers.set(name, this.#layers.size);
      return name;
    };
    if (!nodes) {
      for (const name of names) declare(full(name));
      return;
    }
    const layer = declare(full(names[0] ?? `(${this.#layers.size})`));
    this.#readAll(nodes, { ...place, layer, depth: place.depth + 1 });
  }

  #readAnimation({ params, nodes = [] }: AtRule): void {
    for (const frame of nodes) {
      if (frame.type === 'rule' && list.comma(frame.selector).some((at) => /^(?:to|100%)$/i.test(at)))
        this.#animations.set(params.trim(), declarationsOf(frame.nodes ?? [], 0));
    }
  }

  #add(selectors: string, nodes: readonly ChildNode[], { layer }: Place): void {
    const declarations = declarationsOf(nodes, this.#order);
    this.#order += declarations.length;
    if (this.#order > limits.declarations) this.#isTooLarge = true;
    if (declarations.length === 0 || this.#isTooLarge) return;
    for (const selector of parseSelectors(selectors)) {
      if (++this.#ruleCount > limits.rules) {
        this.#isTooLarge = true;
        return;
      }
      const rules = this.#rules.get(selector.key);
      const rule = {
        selector,
        declarations,
        layer: layer === undefined ? undefined : this.#layers.get(layer),
      };
      if (rules) rules.push(rule);
      else this.#rules.set(selector.key, [rule]);
    }
  }
}

/** Returns true for CSS that takes too much time to parse. */
const isTooLarge = (sheets: readonly string[]): boolean => {
  const css = sheets.join('\n');
  return (
    css.length > limits.characters ||
    css.split('(').length > limits.parentheses ||
    sheets.some(hasLongStatement)
  );
};

/** Parses CSS like a browser, in which <!-- and --> have no meaning. */
function parseCss(css: string): readonly ChildNode[] {
  const root = safeParse(css.replaceAll(/<!--|-->/g, ''), { map: false });
  return root.type === 'root' ? root.nodes : [];
}

/** Returns declarations, which get positions from `firstOrder` on. */
function declarationsOf(nodes: readonly ChildNode[], firstOrder: number): Declaration[] {
  const declarations: Declaration[] = [];
  for (const node of nodes) {
    if (node.type !== 'decl' || node.value.length > limits.value) continue;
    if (declarations.length > limits.declarations) break;
    for (const longhand of longhands(node.prop, node.value))
      declarations.push({
        ...longhand,
        isImportant: node.important ?? false,
        order: firstOrder + declarations.length,
      });
  }
  return declarations;
}

/** Returns the selectors of a rule within another one. */
function nested(selectors: string, parent: string | undefined): string {
  if (parent === undefined) return selectors;
  return list
    .comma(selectors)
    .map((selector) =>
      selector.includes('&')
        ? selector.replaceAll('&', () => `:is(${parent})`)
        : `:is(${parent}) ${selector}`,
    )
    .join(', ');
}

/** The window: a light screen with a mouse. */
const surroundings = {
  widthPx: windowSize.width,
  heightPx: windowSize.height,
  deviceWidthPx: windowSize.width,
  deviceHeightPx: windowSize.height,
  dppx: 1,
};

function isScreen(query: string): boolean {
  if (query.length > limits.value) return false;
  try {
    return matches(compileQuery(query), surroundings);
  } catch {
    return false;
  }
}
