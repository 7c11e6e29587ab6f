import { isColour } from './colour.ts';

/** What the resolver has to know about a property. */
interface Property {
  readonly initial: string;
  readonly isInherited?: boolean;
  /** Returns false for a value that browsers ignore. It is in lower case and contains no var(). */
  readonly isValid?: (value: string) => boolean;
}

const matching = (expression: RegExp) => (value: string) => expression.test(value);

const length = String.raw`(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?:[a-z]+|%)|[+-]?0*\.?0+|[a-z-]*(?:calc|min|max|clamp|env|size|anchor)\(.*\))`;
const isLength = matching(new RegExp(`^${length}$`));
const isLengthOr = (words: string) => matching(new RegExp(`^(?:${length}|${words})$`));
const isSize = isLengthOr(
  'auto|none|(?:-webkit-|-moz-)?(?:min-content|max-content|fit-content|fill-available)|stretch|fit-content\\(.*\\)',
);
const overflow = { initial: 'visible', isValid: matching(/^(?:visible|hidden|clip|scroll|auto|overlay)$/) };
const offset = { initial: 'auto', isValid: isLengthOr('auto') };
const spacing = { initial: '0', isValid: isLengthOr('auto') };
const size = { initial: 'auto', isValid: isSize };
const any: Property = { initial: 'none' };

const displayWords =
  'none|contents|block|inline|inline-block|flow-root|list-item|run-in|(?:inline-)?(?:-webkit-|-ms-)?(?:flex|grid|box|table|flexbox)|(?:-webkit-)?inline-(?:flex|box)|table-(?:row|cell|caption|column|row-group|column-group|header-group|footer-group)|ruby(?:-base|-text)?|math|flow|grid-lanes';

/** The properties on which it depends what a person sees. */
export const properties: Readonly<Record<string, Property>> = {
  display: {
    initial: 'inline',
    isValid: matching(new RegExp(`^(?:${displayWords})(?: (?:${displayWords})){0,2}$`)),
  },
  visibility: {
    initial: 'visible',
    isInherited: true,
    isValid: matching(/^(?:visible|hidden|collapse)$/),
  },
  opacity: { initial: '1', isValid: matching(/^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?%?|calc\(.*\))$/) },
  position: {
    initial: 'static',
    isValid: matching(/^(?:static|relative|absolute|fixed|sticky|-webkit-sticky)$/),
  },
  float: { initial: 'none', isValid: matching(/^(?:none|left|right|inline-start|inline-end)$/) },
  left: offset,
  right: offset,
  top: offset,
  bottom: offset,
  'margin-left': spacing,
  'margin-top': spacing,
  'margin-right': spacing,
  'padding-top': { initial: '0', isValid: isLength },
  'padding-bottom': { initial: '0', isValid: isLength },
  'padding-left': { initial: '0', isValid: isLength },
  'padding-right': { initial: '0', isValid: isLength },
  width: size,
  height: size,
  'max-width': { initial: 'none', isValid: isSize },
  'max-height': { initial: 'none', isValid: isSize },
  'overflow-x': overflow,
  'overflow-y': overflow,
  'content-visibility': { initial: 'visible', isValid: matching(/^(?:visible|hidden|auto)$/) },
  filter: any,
  transform: any,
  translate: any,
  scale: any,
  clip: { initial: 'auto', isValid: matching(/^(?:auto|rect\(.*\))$/) },
  'clip-path': any,
  color: { initial: 'black', isInherited: true, isValid: isColour },
  '-webkit-text-fill-color': { initial: 'currentcolor', isInherited: true, isValid: isColour },
  'background-color': { initial: 'transparent', isValid: isColour },
  'background-image': any,
  'background-clip': { initial: 'border-box' },
  'font-size': {
    initial: 'medium',
    isInherited: true,
    isValid: isLengthOr('xx-small|x-small|small|medium|large|x-large|xx-large|xxx-large|smaller|larger|math'),
  },
  'line-height': { initial: 'normal', isInherited: true },
  'text-indent': { initial: '0', isInherited: true },
  'white-space': { initial: 'normal', isInherited: true },
  '-webkit-text-security': { initial: 'none', isInherited: true },
  'list-style-type': { initial: '', isInherited: true },
  content: { initial: 'normal' },
  animation: any,
  'animation-name': any,
  'animation-fill-mode': any,
  'animation-delay': any,
};

const knownNames = Object.keys(properties);

const aliases: Readonly<Record<string, string>> = {
  'inset-inline-start': 'left',
  'inset-inline-end': 'right',
  'inset-block-start': 'top',
  'inset-block-end': 'bottom',
  'margin-inline-start': 'margin-left',
  'margin-inline-end': 'margin-right',
  'margin-block-start': 'margin-top',
  'padding-block-start': 'padding-top',
  'padding-block-end': 'padding-bottom',
  'padding-inline-start': 'padding-left',
  'padding-inline-end': 'padding-right',
  'inline-size': 'width',
  'block-size': 'height',
  'max-inline-size': 'max-width',
  'max-block-size': 'max-height',
  'overflow-inline': 'overflow-x',
  'overflow-block': 'overflow-y',
  '-webkit-background-clip': 'background-clip',
  '-webkit-transform': 'transform',
  '-webkit-filter': 'filter',
  '-webkit-clip-path': 'clip-path',
  '-webkit-opacity': 'opacity',
};

/** Keywords that every property accepts. */
export const commonKeywords = new Set(['inherit', 'initial', 'unset', 'revert', 'revert-layer']);

/** One longhand property with its value. Custom properties keep their case. */
export interface Longhand {
  readonly property: string;
  readonly value: string;
}

/** Returns the longhands that a declaration sets. They are none if it is unknown, invalid, or changes nothing visible. */
export function longhands(name: string, text: string): Longhand[] {
  if (name.startsWith('--')) return [{ property: name, value: text.trim() }];
  const lower = name.toLowerCase();
  const property = aliases[lower] ?? lower;
  const value =
    property === 'content' || property.startsWith('animation') ? text.trim() : text.trim().toLowerCase();
  if (value === '') return [];
  if (property === 'all')
    return commonKeywords.has(value) ? knownNames.map((known) => ({ property: known, value })) : [];
  if (Object.hasOwn(properties, property)) return isAccepted(property, value) ? [{ property, value }] : [];
  return (shorthand(property, value) ?? []).filter(({ property: each, value: part }) =>
    isAccepted(each, part),
  );
}

const isAccepted = (property: string, value: string): boolean =>
  commonKeywords.has(value) || value.includes('var(') || (properties[property]?.isValid?.(value) ?? true);

const sides = ['top', 'right', 'bottom', 'left'] as const;

function shorthand(name: string, value: string): Longhand[] | undefined {
  const parts = splitSpaces(value);
  const all = (names: readonly string[]) => names.map((property) => ({ property, value }));
  const isCommon = commonKeywords.has(value) || value.includes('var(');
  switch (name) {
    case 'inset':
    case 'margin':
    case 'padding': {
      const names = sides.map((side) => (name === 'inset' ? side : `${name}-${side}`));
      if (isCommon) return all(names);
      const [top = '', right = top, bottom = top, left = right] = parts;
      return names
        .map((property, index) => ({ property, value: [top, right, bottom, left][index] ?? '' }))
        .filter(({ property }) => Object.hasOwn(properties, property));
    }
    case 'overflow': {
      if (isCommon) return all(['overflow-x', 'overflow-y']);
      const [x = '', y = x] = parts;
      return [
        { property: 'overflow-x', value: x },
        { property: 'overflow-y', value: y },
      ];
    }
    case 'font': {
      if (isCommon) return commonKeywords.has(value) ? all(['font-size']) : [];
      const found = parts
        .map((part) => part.split('/', 1)[0] ?? '')
        .find((part) =>
          !/^\d+$/.test(part) || part === '0'
            ? isAccepted('font-size', part) && /[\d(]|small|medium$|large/.test(part)
            : false,
        );
      return found === undefined ? [] : [{ property: 'font-size', value: found }];
    }
    case 'background': {
      if (isCommon) return all(['background-color']);
      const colour = parts.findLast((part) => isColour(part)) ?? 'transparent';
      const hasImage = /url\(|gradient\(|image-set\(|element\(|cross-fade\(/.test(value);
      return [
        { property: 'background-color', value: colour },
        { property: 'background-image', value: hasImage ? 'url()' : 'none' },
        { property: 'background-clip', value: parts.includes('text') ? 'text' : 'border-box' },
      ];
    }
    case 'list-style': {
      if (isCommon) return all(['list-style-type']);
      const type = parts.find((part) => !/^(?:inside|outside)$|^url\(/.test(part));
      return type === undefined ? [] : [{ property: 'list-style-type', value: type }];
    }
  }
  return undefined;
}

/** Splits a value at spaces and commas that are not within parentheses. */
export function splitSpaces(value: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= value.length; at++) {
    const character = value[at] ?? ' ';
    if (character === '(') depth++;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if ((depth === 0 || at === value.length) && /[\s,]/.test(character)) {
      if (at > start) parts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  return parts;
}
