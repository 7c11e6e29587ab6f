import type { DrawnShape } from '../../contract/panels/occlusion.ts';

/** Places are in percent of the picture's width and height. */
export type Place = readonly [x: number, y: number];
export type Box = readonly [left: number, top: number, width: number, height: number];

/** Smallest width and height of a mask. */
const smallest = 1;

const clamp = (value: number, min: number, max: number): number => Math.max(min, Math.min(value, max));
const round = (value: number): number => Math.round(value * 100) / 100;

const at = (shape: DrawnShape, values: readonly number[]): DrawnShape => ({
  ...shape,
  at: values.map(round),
});

const pointsOf = ({ at: values }: DrawnShape): Place[] =>
  values.flatMap((x, index): Place[] => (index % 2 === 0 ? [[x, values[index + 1] ?? 0]] : []));

/** Returns the box around a shape. That of a text has no size. */
export function boxOf(shape: DrawnShape): Box {
  if (shape.shape === 'polygon') {
    const [xs, ys] = [pointsOf(shape).map(([x]) => x), pointsOf(shape).map(([, y]) => y)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
  }
  const [left = 0, top = 0, width = 0, height = 0] = shape.at;
  return [left, top, width, height];
}

/** Returns the box between two places, inside of the picture. */
export function boxBetween([x1, y1]: Place, [x2, y2]: Place): Box {
  const [left, right] = [clamp(Math.min(x1, x2), 0, 100), clamp(Math.max(x1, x2), 0, 100)];
  const [top, bottom] = [clamp(Math.min(y1, y2), 0, 100), clamp(Math.max(y1, y2), 0, 100)];
  return [round(left), round(top), round(right - left), round(bottom - top)];
}

/** Moves a shape, but not out of the picture. */
export function moved(shape: DrawnShape, byX: number, byY: number): DrawnShape {
  const [left, top, width, height] = boxOf(shape);
  const by = [clamp(byX, -left, 100 - left - width), clamp(byY, -top, 100 - top - height)] as const;
  const isPolygon = shape.shape === 'polygon';
  return at(
    shape,
    shape.at.map((value, index) => (isPolygon || index < 2 ? value + (by[index % 2] ?? 0) : value)),
  );
}

/** Makes a shape larger or smaller. Its left top corner stays. */
export function resized(shape: DrawnShape, byWidth: number, byHeight: number): DrawnShape {
  const [left, top, width, height] = boxOf(shape);
  if (shape.shape === 'text') return shape;
  const wide = clamp(width + byWidth, smallest, 100 - left);
  const high = clamp(height + byHeight, smallest, 100 - top);
  if (shape.shape !== 'polygon') return at(shape, [left, top, wide, high]);
  const scaled = (value: number, from: number, old: number, now: number) =>
    from + (old > 0 ? ((value - from) * now) / old : 0);
  return at(
    shape,
    shape.at.map((value, index) =>
      index % 2 === 0 ? scaled(value, left, width, wide) : scaled(value, top, height, high),
    ),
  );
}

/** Returns the corners by which a shape is resized: those of its box, or of the polygon. */
export function cornersOf(shape: DrawnShape): readonly Place[] {
  if (shape.shape === 'text') return [];
  if (shape.shape === 'polygon') return pointsOf(shape);
  const [left, top, width, height] = boxOf(shape);
  const [right, bottom] = [left + width, top + height];
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

/** Puts a corner of a shape at a place. The opposite corner of a box stays. */
export function withCorner(shape: DrawnShape, corner: number, [x, y]: Place): DrawnShape {
  if (shape.shape === 'polygon') {
    const place = [clamp(x, 0, 100), clamp(y, 0, 100)] as const;
    return at(
      shape,
      pointsOf(shape).flatMap((point, index) => (index === corner ? place : point)),
    );
  }
  const [left, top, width, height] = boxOf(shape);
  const [right, bottom] = [left + width, top + height];
  const isLeft = corner === 0 || corner === 3;
  const isTop = corner < 2;
  const newLeft = isLeft ? clamp(x, 0, right - smallest) : left;
  const newRight = isLeft ? right : clamp(x, left + smallest, 100);
  const newTop = isTop ? clamp(y, 0, bottom - smallest) : top;
  const newBottom = isTop ? bottom : clamp(y, top + smallest, 100);
  return at(shape, [newLeft, newTop, newRight - newLeft, newBottom - newTop]);
}
