import { _compileUnsafe, type Options } from 'css-select';
import { AttributeAction, parse, SelectorType, type Selector } from 'css-what';
import { isTag, type ChildNode, type Element, type ParentNode } from 'domhandler';
import { countSteps } from './steps.ts';

type Node = ChildNode | ParentNode;

/** The pseudo-elements that add text. */
export type Position = 'before' | 'after';

/** A selector without commas, which is compiled when it is first needed. */
export interface PartialSelector {
  readonly matches: (element: Element) => boolean;
  readonly specificity: number;
  readonly position: Position | undefined;
  /** What an element must have to match: #id, .class, a tag name, or * for none of them. */
  readonly key: string;
}

/** Maximum characters of a selector list. */
const maxLength = 2_000;

const isFalse = () => false;
const is =
  (...names: string[]) =>
  (element: Element) =>
    names.some((name) => element.attribs[name] !== undefined);

/** Pseudo-classes of which css-select knows nothing, or another meaning. Nothing is hovered, focused or played. */
const pseudos: Readonly<Record<string, (element: Element) => boolean>> = {
  ...Object.fromEntries(
    'hover focus focus-within focus-visible active target target-within visited autofill -webkit-autofill fullscreen -webkit-full-screen modal playing paused seeking muted buffering stalled invalid user-invalid user-valid out-of-range indeterminate current past future picture-in-picture popover-open open-not-supported local-link'
      .split(' ')
      .map((name) => [name, isFalse]),
  ),
  open: is('open'),
  defined: (element) => !element.name.includes('-'),
  valid: () => true,
  'in-range': () => true,
  default: is('checked', 'selected'),
  'placeholder-shown': ({ attribs }) => attribs['placeholder'] !== undefined && !attribs['value'],
  blank: ({ attribs }) => !attribs['value'],
};

/** Pseudo-classes that css-select evaluates as browsers do. Others of it come from jQuery. */
const evaluated = new Set(
  'first-child last-child only-child first-of-type last-of-type only-of-type nth-child nth-last-child nth-of-type nth-last-of-type root empty scope is not where matches has lang dir any-link link enabled disabled checked required optional read-only read-write'.split(
    ' ',
  ),
);

const pseudoElements = new Set(
  'first-line first-letter marker placeholder selection backdrop file-selector-button details-content target-text cue part slotted grammar-error spelling-error highlight view-transition'.split(
    ' ',
  ),
);

const options: Options<Node, Element> = {
  relativeSelector: false,
  pseudos,
  adapter: {
    isTag(node): node is Element {
      countSteps(1);
      return isTag(node);
    },
    getAttributeValue(element, name) {
      const value = element.attribs[name];
      countSteps(1 + (value?.length ?? 0) / 50);
      return value;
    },
    getChildren: (node) => ('children' in node ? node.children : []),
    getName: ({ name }) => name,
    getParent(element) {
      countSteps(1);
      return element.parent;
    },
    getSiblings(node) {
      countSteps(1);
      return node.parent ? node.parent.children : [node];
    },
    prevElementSibling(node) {
      let before = 'prev' in node ? node.prev : null;
      for (; before && !isTag(before); before = before.prev) countSteps(1);
      return before;
    },
    getText: () => '',
    hasAttrib: ({ attribs }, name) => attribs[name] !== undefined,
    removeSubsets: (nodes) => nodes,
  },
};

/** Parses a selector list. Like browsers, returns nothing if a part of it is invalid. */
export function parseSelectors(list: string): PartialSelector[] {
  const selectors = tokensOf(list);
  if (!selectors?.every((tokens) => isValid(tokens))) return [];
  return selectors.flatMap((tokens) => {
    const last = tokens.at(-1);
    if (last?.type !== SelectorType.PseudoElement) return [toPartial(tokens, undefined)];
    if (last.name !== 'before' && last.name !== 'after') return [];
    const rest = tokens.slice(0, -1);
    const needsAny = rest.length === 0 || isTraversal(rest.at(-1));
    return [
      toPartial(needsAny ? [...rest, { type: SelectorType.Universal, namespace: null }] : rest, last.name),
    ];
  });
}

export const isTooLong = (list: string): boolean => list.length > maxLength;

function tokensOf(list: string): Selector[][] | undefined {
  try {
    return isTooLong(list) ? undefined : parse(list);
  } catch {
    return undefined;
  }
}

const traversals = new Set<string>([
  SelectorType.Adjacent,
  SelectorType.Child,
  SelectorType.Descendant,
  SelectorType.Sibling,
]);

const isTraversal = (token: Selector | undefined): boolean =>
  token !== undefined && traversals.has(token.type);

function isValid(tokens: readonly Selector[]): boolean {
  return tokens.every((token, index) => {
    if (token.type === SelectorType.Attribute) return token.action !== AttributeAction.Not;
    if (token.type === SelectorType.Tag) return token.namespace === null || token.namespace === '*';
    if (token.type === SelectorType.PseudoElement) {
      const { name } = token;
      const isLast = index === tokens.length - 1;
      return (
        isLast &&
        (name === 'before' || name === 'after' || name.startsWith('-webkit-') || pseudoElements.has(name))
      );
    }
    if (token.type !== SelectorType.Pseudo)
      return token.type === SelectorType.Universal || isTraversal(token);
    const { name, data } = token;
    if (!evaluated.has(name) && !Object.hasOwn(pseudos, name)) return false;
    // :is() and :where() ignore their invalid parts. A part that cannot match has the same effect.
    if (!Array.isArray(data)) return true;
    if (name === 'not' || name === 'has') return data.every((part) => isValidRelative(part));
    const valid = data.filter((part) => isValid(part));
    data.splice(0, data.length, ...valid);
    return true;
  });
}

/** Selectors in :has() may start with a combinator. */
const isValidRelative = (tokens: readonly Selector[]): boolean =>
  isValid(isTraversal(tokens[0]) ? tokens.slice(1) : tokens);

function toPartial(tokens: Selector[], position: Position | undefined): PartialSelector {
  let compiled: ((element: Element) => boolean) | undefined;
  return {
    matches(element) {
      compiled ??= compile(tokens);
      return compiled(element);
    },
    specificity: specificityOf(tokens) + (position ? 1 : 0),
    position,
    key: keyOf(tokens),
  };
}

function compile(tokens: Selector[]): (element: Element) => boolean {
  countSteps(20 * tokens.length);
  try {
    return _compileUnsafe<Node, Element>([tokens], options);
  } catch {
    // As in :nth-child(x), which browsers ignore.
    return isFalse;
  }
}

const isNamed = (token: Selector, name: string): boolean =>
  token.type === SelectorType.Attribute && token.name === name && token.ignoreCase === 'quirks';

/** Returns the specificity with 10 bits for ids, classes and names. */
function specificityOf(tokens: readonly Selector[]): number {
  const parts = tokens.map((token): number => {
    if (token.type === SelectorType.Tag) return 1;
    if (token.type === SelectorType.Attribute) return isNamed(token, 'id') ? 1 << 20 : 1 << 10;
    if (token.type !== SelectorType.Pseudo || token.name === 'where') return 0;
    if (!Array.isArray(token.data)) return 1 << 10;
    return Math.max(0, ...token.data.map(specificityOf));
  });
  let sum = 0;
  for (const part of parts) sum += part;
  return Math.min(sum, (1 << 29) - 1);
}

function keyOf(tokens: readonly Selector[]): string {
  const start = tokens.findLastIndex(isTraversal) + 1;
  const compound = tokens.slice(start);
  const value = (token: Selector | undefined) => (token?.type === SelectorType.Attribute ? token.value : '');
  const id = compound.find((token) => isNamed(token, 'id'));
  if (id) return `#${value(id)}`;
  const named = compound.find((token) => isNamed(token, 'class'));
  if (named) return `.${value(named)}`;
  const tag = compound.find((token) => token.type === SelectorType.Tag);
  return tag?.type === SelectorType.Tag ? tag.name.toLowerCase() : '*';
}
