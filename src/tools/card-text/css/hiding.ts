import type { Shown } from '../shown.ts';
import type { Computed } from './computed.ts';
import { pixels, windowSize, type Basis } from './lengths.ts';
import { splitSpaces } from './properties.ts';

/** Values below which a person cannot see or read something: opacity, pixels of a box, pixels of letters, blur in pixels. */
const faint = { opacity: 0.1, box: 1, letters: 2, blur: 3 };

/** Returns how much a person sees of an element with this style. Its ancestors are not considered. */
export function shownBy(style: Computed): Shown {
  if (style.get('display') === 'none') return 'nothing';
  if (hasBox(style) && (isFaint(style) || isMoved(style) || isClipped(style))) return 'nothing';
  if (style.get('visibility') !== 'visible') return 'descendants';
  return isTextUnreadable(style) ? 'pictures' : 'all';
}

const hasBox = (style: Computed): boolean => style.get('display') !== 'contents';

const isInline = (style: Computed): boolean =>
  /^(?:inline|ruby)/.test(style.get('display')) &&
  !/^inline-./.test(style.get('display')) &&
  !isOutOfFlow(style) &&
  style.get('float') === 'none';

const isOutOfFlow = (style: Computed): boolean => /^(?:absolute|fixed)$/.test(style.get('position'));

/** Returns a number or percentage, where 1 is 100 %. */
function ratio(value: string): number {
  const number = pixels(value, { font: 1, percent: 1 });
  return number ?? 1;
}

function isFaint(style: Computed): boolean {
  if (ratio(style.get('opacity')) <= faint.opacity) return true;
  if (style.get('content-visibility') === 'hidden' && !isInline(style)) return true;
  const basis = { font: style.fontSize, percent: 1 };
  return functionsIn(style.get('filter')).some(([name, [value = '']]) => {
    if (name === 'opacity') return ratio(value) <= faint.opacity;
    return name === 'blur' && (pixels(value, basis) ?? 0) >= faint.blur;
  });
}

/** Returns true for a distance by which something leaves the window. */
const isFar = (distance: number | undefined): boolean =>
  distance !== undefined && (distance <= -500 || distance >= windowSize.width);

function isMoved(style: Computed): boolean {
  const isPositioned = !/^(?:static|sticky|-webkit-sticky)$/.test(style.get('position'));
  if (isPositioned && ['left', 'top', 'right', 'bottom'].some((side) => isFar(style.length(side))))
    return true;
  if (['margin-left', 'margin-top', 'margin-right'].some((side) => (style.length(side) ?? 0) <= -500))
    return true;
  return !isInline(style) && isTransformedAway(style);
}

function isTransformedAway(style: Computed): boolean {
  const basis = { font: style.fontSize, percent: windowSize.height };
  const isFarBy = (values: readonly string[]) => values.some((value) => isFar(pixels(value, basis)));
  const isFlat = (values: readonly string[]) => values.some((value) => Math.abs(ratio(value)) < 0.01);
  if (isFarBy(splitSpaces(style.get('translate'))) || isFlat(splitSpaces(style.get('scale')))) return true;
  return functionsIn(style.get('transform')).some(([name, values]) => {
    if (name.startsWith('translate')) return isFarBy(values);
    if (name.startsWith('scale')) return isFlat(values);
    if (name === 'rotatex' || name === 'rotatey') return /^-?(?:90|270)deg$/.test(values[0] ?? '');
    if (name !== 'matrix') return false;
    const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = values.map(Number);
    return Math.abs(a * d - b * c) < 0.0001 || isFar(x) || isFar(y);
  });
}

function isClipped(style: Computed): boolean {
  if (isOutOfFlow(style) && isEmptyRectangle(style)) return true;
  if (isEmptyShape(style)) return true;
  return !isInline(style) && (isFlattened(style, 'y') || isFlattened(style, 'x'));
}

/** Returns true for a box without height or width that shows nothing outside of itself. */
function isFlattened(style: Computed, axis: 'x' | 'y'): boolean {
  const [length, paddings] =
    axis === 'y'
      ? (['height', ['padding-top', 'padding-bottom']] as const)
      : (['width', ['padding-left', 'padding-right']] as const);
  // Either direction that is not visible makes the other one clip, too.
  if (style.get('overflow-x') === 'visible' && style.get('overflow-y') === 'visible') return false;
  if (
    style.get(`overflow-${axis}`) === 'visible' &&
    style.get(`overflow-${axis === 'x' ? 'y' : 'x'}`) === 'clip'
  )
    return false;
  const isTiny = (property: string) => (style.length(property) ?? Infinity) <= faint.box;
  const isLow =
    isTiny(length) ||
    isTiny(`max-${length}`) ||
    (axis === 'y' && style.get('height') === 'auto' && isZero(style.get('line-height')));
  return isLow && paddings.every((padding) => (style.length(padding) ?? 0) <= 4);
}

const isZero = (value: string): boolean => /^[+-]?0*\.?0+(?:[a-z]+|%)?$/.test(value);

function isEmptyRectangle(style: Computed): boolean {
  const [found] = functionsIn(style.get('clip'));
  if (found?.[0] !== 'rect') return false;
  const basis = { font: style.fontSize, percent: 0 };
  const [top, right, bottom, left] = found[1].map((value) => pixels(value, basis));
  const isEmpty = (start: number | undefined, end: number | undefined) =>
    end !== undefined && end - (start ?? 0) <= faint.box;
  return isEmpty(top, bottom) || isEmpty(left, right);
}

function isEmptyShape(style: Computed): boolean {
  const basis: Basis = { font: style.fontSize, percent: 100 };
  const number = (value = '') => pixels(value, basis);
  return functionsIn(style.get('clip-path')).some(([name, values]) => {
    const at = values.findIndex((value) => value === 'at' || value === 'round');
    const lengths = at < 0 ? values : values.slice(0, at);
    if (name === 'circle' || name === 'ellipse')
      return lengths.some((value) => (number(value) ?? Infinity) <= faint.box);
    if (name === 'inset') {
      const [top = 0, right = top, bottom = top, left = right] = lengths.map((value) =>
        value.endsWith('%') ? (number(value) ?? 0) : (number(value) ?? 0) >= 500 ? 100 : 0,
      );
      return top + bottom >= 99 || left + right >= 99;
    }
    if (name === 'rect' || name === 'xywh') {
      const [top = 0, right = 0, bottom = 0, left = 0] = lengths.map((value) => number(value) ?? 0);
      return name === 'rect'
        ? bottom - top <= faint.box || right - left <= faint.box
        : bottom <= faint.box || left <= faint.box;
    }
    if (name !== 'polygon') return false;
    const points = lengths.filter((value) => value !== 'nonzero' && value !== 'evenodd').map(number);
    return [0, 1].some((axis) => new Set(points.filter((_, index) => index % 2 === axis)).size === 1);
  });
}

function isTextUnreadable(style: Computed): boolean {
  if (style.fontSize <= faint.letters || style.isTextColourless) return true;
  if (!['', 'none'].includes(style.get('-webkit-text-security'))) return true;
  return isFar(style.length('text-indent'));
}

/** Returns the functions in a value with their arguments. Functions within functions stay in the arguments. */
function functionsIn(value: string): [name: string, values: string[]][] {
  return splitSpaces(value).flatMap((part) => {
    const [, name, inside] = /^([a-z0-9-]+)\((.*)\)$/s.exec(part) ?? [];
    return name === undefined || inside === undefined
      ? []
      : [[name, splitSpaces(inside)] satisfies [string, string[]]];
  });
}
