import type { DrawnShape } from '../../contract/panels/occlusion.ts';

const kinds = { rect: 'Rectangle', ellipse: 'Ellipse', polygon: 'Polygon', text: 'Text' } as const;

/** Returns what a shape is, such as "Rectangle, card 1". */
export const nameOf = ({ shape, group, text = '' }: DrawnShape): string =>
  shape === 'text' ? `Text “${text}”` : `${kinds[shape]}, card ${group}`;

const percent = (value: number): string => `${Math.round(value * 10) / 10} %`;

/** Returns what a shape is and where. */
export function descriptionOf(shape: DrawnShape): string {
  const [left = 0, top = 0, width = 0, height = 0] = shape.at;
  const place = `left ${percent(left)}, top ${percent(top)}`;
  if (shape.shape === 'text') return `${nameOf(shape)}: ${place}`;
  if (shape.shape === 'polygon')
    return `${nameOf(shape)}: ${shape.at.length / 2} corners, the first at ${place}`;
  return `${nameOf(shape)}: ${place}, width ${percent(width)}, height ${percent(height)}`;
}
