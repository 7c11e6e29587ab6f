import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import type { Size } from '../../../lib/picture/size.ts';
import { cornersOf, labelOf, maxCorners, numberOf, written, type Shape, type ShapeKind } from './field.ts';

export type Unit = 'percent' | 'px';
export const unitOf = ({ px }: { readonly px?: boolean | undefined }): Unit => (px ? 'px' : 'percent');

/** A shape as the model writes it. */
export interface ShapeInput {
  /** Number of an existing shape, from 1. It keeps what is not passed. */
  readonly id?: number | undefined;
  readonly shape?: ShapeKind | undefined;
  /** Left, top, width, height; of a polygon x, y of each corner; of a text left, top. */
  readonly at?: readonly number[] | undefined;
  readonly group?: number | undefined;
  readonly text?: string | undefined;
}

const maxShapes = 100;
/** Anki's highest number of a cloze deletion. */
const maxGroup = 500;
const maxLabel = 200;

/** What shapes are checked against. */
export interface Frame {
  readonly unit: Unit;
  /** Size of the picture in pixels, if its type says it. */
  readonly size: Size | undefined;
  /** The shapes that the note has now. */
  readonly existing: readonly Shape[];
  /** The groups that have cards, also cards whose shapes were removed: a new shape would get their history. */
  readonly groups: Iterable<number>;
}

/** Checks shapes and converts them to what Anki stores. Anki itself checks nothing. */
export function toShapes(inputs: readonly ShapeInput[], frame: Frame): Shape[] {
  if (inputs.length > maxShapes)
    throw refused(`a note can have at most ${maxShapes} shapes here. Make several notes of the picture.`);
  const keptIds = inputs.flatMap(({ id }) => id ?? []);
  if (new Set(keptIds).size < keptIds.length) throw refused('each shape id can be passed once.');
  const used = new Set([...frame.groups, ...inputs.flatMap(({ group }) => group ?? [])]);
  let next = 1;
  const freeGroup = (): number => {
    while (used.has(next)) next++;
    used.add(next);
    return next;
  };
  return inputs.map((input, index) => toShape(input, `shape ${index + 1}`, frame, freeGroup));
}

export function requireMask(shapes: readonly Shape[]): void {
  if (!shapes.some(({ group }) => group > 0))
    throw refused('the note needs at least one rect, ellipse or polygon, because each card hides one.');
}

function toShape(input: ShapeInput, name: string, frame: Frame, freeGroup: () => number): Shape {
  const old = input.id === undefined ? undefined : frame.existing[input.id - 1];
  if (input.id !== undefined && !old)
    throw refused(`${name}: the note has no shape ${input.id}. Leave id out to add a shape.`);
  const kind = input.shape ?? old?.kind;
  if (kind === undefined) throw refused(`${name} needs shape: rect, ellipse, polygon or text.`);
  const isKept = kind === old?.kind;
  if (!input.at && !isKept) throw refused(`${name} needs at: ${formOf[kind]}.`);
  const geometry = input.at ? geometryOf(kind, fractionsOf(input.at, name, kind, frame), name) : [];
  const kept = [...(old?.members ?? [])].filter(([member]) => !input.at || !geometric.has(member));
  const members = new Map([...geometry, ...kept]);
  if (kind === 'text') {
    if (input.text !== undefined || !isKept) members.set('text', label(input.text, name));
    return { kind, group: 0, members };
  }
  if (input.text !== undefined)
    throw refused(`${name}: only the shape text has text. Add a label as a shape of its own.`);
  const group = input.group ?? (old && old.group > 0 ? old.group : freeGroup());
  if (group < 1 || group > maxGroup) throw refused(`${name}: group must be from 1 to ${maxGroup}.`);
  return { kind, group, members };
}

const geometric = new Set(['left', 'top', 'width', 'height', 'rx', 'ry', 'points']);

const formOf: Readonly<Record<ShapeKind, string>> = {
  rect: '[left, top, width, height]',
  ellipse: '[left, top, width, height] of its box',
  polygon: '[x, y, x, y, x, y, …], at least 3 corners',
  text: '[left, top]',
};

/** Numbers up to 1 are fractions by mistake: no mask is smaller than 1 percent or pixel. */
export function requireSameUnit(inputs: readonly ShapeInput[], unit: Unit): void {
  const numbers = inputs.flatMap(({ at = [] }) => at);
  if (numbers.length > 0 && numbers.every((each) => each <= 1))
    throw refused(
      `all positions are at most 1. They must be in ${unit === 'px' ? 'pixels' : 'percent (0 to 100) of width and height, or in pixels with px: true'}.`,
    );
}

/** Positions may exceed the picture by this fraction, for rounding. */
const tolerance = 0.005;

/** Returns x and y values in turn as fractions of the picture's width and height. */
function fractionsOf(at: readonly number[], name: string, kind: ShapeKind, { unit, size }: Frame): number[] {
  if (at.length % 2 > 0) throw refused(`${name}: at must be ${formOf[kind]}.`);
  if (unit === 'px' && !size)
    throw refused('the size of the picture in pixels is unknown. Pass positions in percent, without px.');
  const { width, height } = unit === 'px' && size ? size : { width: 100, height: 100 };
  return at.map((value, index) => value / (index % 2 === 0 ? width : height));
}

type Members = readonly (readonly [string, string])[];

function geometryOf(kind: ShapeKind, values: readonly number[], name: string): Members {
  const expected = { rect: 4, ellipse: 4, text: 2, polygon: values.length }[kind];
  const isComplete = kind === 'polygon' ? values.length >= 6 && values.length <= 2 * maxCorners : true;
  if (values.length !== expected || !isComplete) throw refused(`${name}: at must be ${formOf[kind]}.`);
  if (kind === 'polygon') return polygonOf(values.map((value) => inside(value, name)));
  const [left, top] = [inside(values[0] ?? 0, name), inside(values[1] ?? 0, name)];
  const place: Members = [
    ['left', written(left)],
    ['top', written(top)],
  ];
  if (kind === 'text') return place;
  const [width, height] = [values[2] ?? 0, values[3] ?? 0];
  if (Math.min(width, height) < smallest)
    throw refused(`${name} has no area: at is [left, top, width, height], not two corners.`);
  const [right, bottom] = [inside(left + width, name), inside(top + height, name)];
  const [wide, high] = [right - left, bottom - top];
  return kind === 'rect'
    ? [...place, ['width', written(wide)], ['height', written(high)]]
    : [...place, ['rx', written(wide / 2)], ['ry', written(high / 2)]];
}

/** Smallest width and height of a mask, as a fraction. */
const smallest = 0.001;

/** Anki's script moves a polygon to left and top, so these must be those of its box. */
function polygonOf(values: readonly number[]): Members {
  const [xs, ys] = [values.filter((_, at) => at % 2 === 0), values.filter((_, at) => at % 2 === 1)];
  const points = xs.map((x, at) => `${written(x)},${written(ys[at] ?? 0)}`).join(' ');
  return [
    ['left', written(Math.min(...xs))],
    ['top', written(Math.min(...ys))],
    ['points', points],
  ];
}

function inside(fraction: number, name: string): number {
  if (fraction < -tolerance || fraction > 1 + tolerance)
    throw refused(
      `${name} reaches ${Math.round(fraction * 1000) / 10} % of the picture's width or height. Shapes must be inside the picture; at is ${formOf.rect}.`,
    );
  return Math.min(1, Math.max(0, fraction));
}

function label(text: string | undefined, name: string): string {
  if (text === undefined || text.trim() === '') throw refused(`${name} needs text.`);
  if (text.length > maxLabel || /[\\<>\n\r]|\{\{|\}\}/.test(text))
    throw refused(
      String.raw`${name}: "${echo(text)}" cannot be a label. It may have up to ${maxLabel} characters, and none of < > \ {{ }} or line breaks.`,
    );
  return text.trim().replaceAll(':', String.raw`\:`);
}

const refused = (problem: string): AnkiRefused => new AnkiRefused(`Nothing was changed: ${problem}`);

/** Returns a shape as the model writes it. */
export function toInput(shape: Shape, index: number, frame: Pick<Frame, 'unit' | 'size'>) {
  const { kind, group } = shape;
  return {
    id: index + 1,
    shape: kind,
    at: placeOf(shape, frame),
    ...(kind === 'text' ? { text: echo(labelOf(shape)) } : { group }),
  };
}

/** Returns where a shape is, in percent or pixels. */
export function placeOf(shape: Shape, { unit, size }: Pick<Frame, 'unit' | 'size'>): number[] {
  const { width, height } = unit === 'px' && size ? size : { width: 100, height: 100 };
  const digits = unit === 'px' ? 10 : 100;
  return positionsOf(shape).map(
    (fraction, place) => Math.round(fraction * (place % 2 === 0 ? width : height) * digits) / digits,
  );
}

function positionsOf(shape: Shape): number[] {
  const of = (name: string) => numberOf(shape, name);
  const place = [of('left'), of('top')];
  if (shape.kind === 'polygon') return cornersOf(shape).flat();
  if (shape.kind === 'ellipse') return [...place, of('rx') * 2, of('ry') * 2];
  return shape.kind === 'rect' ? [...place, of('width'), of('height')] : place;
}
