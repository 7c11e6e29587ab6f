/*
 * The field of an image occlusion note: one cloze deletion per shape, such as
 * {{c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.2:oi=1}}.
 * Positions are fractions of the picture's width and height.
 */

export const shapeKinds = ['rect', 'ellipse', 'polygon', 'text'] as const;
export type ShapeKind = (typeof shapeKinds)[number];

export interface Shape {
  readonly kind: ShapeKind;
  /** The number of the cloze deletion: shapes with the same number are hidden on the same card. 0 for a text label. */
  readonly group: number;
  /** All members as written in the field, also those that this tool does not know. */
  readonly members: ReadonlyMap<string, string>;
}

export interface ShapesField {
  readonly shapes: readonly Shape[];
  /** True if the field has other content, which would be lost when the shapes are written. */
  readonly hasMore: boolean;
}

/** It ends at the next braces, so that the search takes linear time. */
const cloze = /\{\{c(\d{1,4})::image-occlusion:((?:(?!\{\{|\}\}).)*)\}\}/gs;

export function readShapes(field: string): ShapesField {
  const shapes: Shape[] = [];
  const rest = field.replaceAll(cloze, (text, group: string, content: string) => {
    const [name = '', ...members] = content.split(/(?<!\\):/);
    const kind = shapeKinds.find((each) => each === name);
    if (!kind) return text;
    shapes.push({ kind, group: Number(group), members: new Map(members.map(toMember)) });
    return '';
  });
  return { shapes, hasMore: /\S/.test(rest.replaceAll(/<br\s*\/?>|<\/?div>|&nbsp;/gi, '')) };
}

function toMember(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

export const writeShapes = (shapes: readonly Shape[]): string =>
  shapes
    .map(({ kind, group, members }) => {
      const all = [...members].map(([name, value]) => `:${name}=${value}`).join('');
      return `{{c${group}::image-occlusion:${kind}${all}}}`;
    })
    .join('<br>');

export type Mode = 'hideAll' | 'hideOne';

/** The member that a note with "hide all, guess one" has on every shape. */
const hidesAll = 'oi';

export const modeOf = (shapes: readonly Shape[]): Mode =>
  shapes.some(({ members }) => members.get(hidesAll) === '1') ? 'hideAll' : 'hideOne';

export const inMode = (shapes: readonly Shape[], mode: Mode): Shape[] =>
  shapes.map((shape) => {
    const members = new Map(shape.members);
    if (mode === 'hideAll') members.set(hidesAll, '1');
    else members.delete(hidesAll);
    return { ...shape, members };
  });

/** Writes a fraction as Anki does: .25 */
export const written = (fraction: number): string =>
  fraction
    .toFixed(4)
    .replace(/\.?0+$/, '')
    .replace(/^0(?=.)/, '') || '0';

/** Returns a number of a shape. Notes may have any text there. */
export function numberOf({ members }: Shape, name: string): number {
  const value = Number(members.get(name) ?? 0);
  return Number.isFinite(value) ? Math.min(Math.max(value, -1), 2) : 0;
}

/** Returns the corners of a polygon. */
export const cornersOf = ({ members }: Shape): (readonly [number, number])[] =>
  (members.get('points') ?? '')
    .split(' ')
    .slice(0, maxCorners)
    .flatMap((corner) => {
      const [x = NaN, y = NaN] = corner.split(',').map(Number);
      return Math.abs(x) <= 2 && Math.abs(y) <= 2 ? [[x, y] as const] : [];
    });

export const maxCorners = 200;

export const labelOf = ({ members }: Shape): string =>
  (members.get('text') ?? '').replaceAll(String.raw`\:`, ':');
