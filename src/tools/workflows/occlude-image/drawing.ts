import type { Bitmap } from '../../../lib/picture/bitmap.ts';
import { fillPolygon, outlinePolygon, type Colour, type Point } from '../../../lib/picture/polygon.ts';
import type { Size } from '../../../lib/picture/size.ts';
import { cornersOf, modeOf, numberOf, type Shape } from './field.ts';

/** The colours of Anki's note type. */
const colours = {
  active: [0xff, 0x8e, 0x8e],
  inactive: [0xff, 0xeb, 0xa2],
  border: [0x21, 0x21, 0x21],
} satisfies Readonly<Record<string, Colour>>;

/** Returns the picture with the masks of the question of one card. Text labels are not drawn. */
export function drawQuestion(picture: Bitmap, shapes: readonly Shape[], group: number): Bitmap {
  const drawn = { ...picture, data: picture.data.slice() };
  const hidesAll = modeOf(shapes) === 'hideAll';
  for (const shape of shapes) {
    const isActive = shape.group === group;
    if (shape.kind === 'text' || !(isActive || hidesAll)) continue;
    const points = outlineOf(shape, picture);
    fillPolygon(drawn, points, isActive ? colours.active : (ownColour(shape) ?? colours.inactive));
    outlinePolygon(drawn, points, colours.border);
  }
  return drawn;
}

function ownColour({ members }: Shape): Colour | undefined {
  const [, hex] = /^#([\da-f]{6})$/i.exec(members.get('fill') ?? '') ?? [];
  if (hex === undefined) return undefined;
  const value = Number.parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
}

/** Number of corners that an ellipse is drawn with. */
const ellipseCorners = 64;

/** Returns the corners of a shape in pixels. */
function outlineOf(shape: Shape, { width, height }: Size): Point[] {
  const of = (name: string) => numberOf(shape, name);
  const [left, top] = [of('left'), of('top')];
  const toPixels = ([x, y]: Point): Point => [x * width, y * height];
  const turned = turnedBy(Number(shape.members.get('angle') ?? 0), toPixels([left, top]));
  if (shape.kind === 'polygon') return cornersOf(shape).map(toPixels).map(turned);
  if (shape.kind === 'ellipse') {
    const [rx, ry] = [of('rx'), of('ry')];
    return Array.from({ length: ellipseCorners }, (_, corner): Point => {
      const angle = (corner / ellipseCorners) * 2 * Math.PI;
      return [left + rx * (1 + Math.cos(angle)), top + ry * (1 + Math.sin(angle))];
    })
      .map(toPixels)
      .map(turned);
  }
  const [right, bottom] = [left + of('width'), top + of('height')];
  const corners: Point[] = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
  return corners.map(toPixels).map(turned);
}

/** Returns a function that turns points around a centre, clockwise, by degrees. */
function turnedBy(degrees: number, [centreX, centreY]: Point): (point: Point) => Point {
  if (!Number.isFinite(degrees) || degrees === 0) return (point) => point;
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return ([x, y]) => [
    centreX + (x - centreX) * cos - (y - centreY) * sin,
    centreY + (x - centreX) * sin + (y - centreY) * cos,
  ];
}
