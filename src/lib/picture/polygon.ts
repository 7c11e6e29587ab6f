import type { Bitmap } from './bitmap.ts';

export type Point = readonly [x: number, y: number];
export type Colour = readonly [red: number, green: number, blue: number];

/** Fills a polygon. Points are in pixels. */
export function fillPolygon(bitmap: Bitmap, points: readonly Point[], colour: Colour): void {
  const rows = points.map(([, y]) => y);
  const first = Math.max(0, Math.floor(Math.min(...rows)));
  const last = Math.min(bitmap.height - 1, Math.ceil(Math.max(...rows)));
  for (let y = first; y <= last; y++) {
    const crossings = crossingsOf(points, y + 0.5).toSorted((one, other) => one - other);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const left = Math.max(0, Math.round(crossings[pair] ?? 0));
      const right = Math.min(bitmap.width, Math.round(crossings[pair + 1] ?? 0));
      for (let x = left; x < right; x++) paint(bitmap, x, y, colour);
    }
  }
}

/** Draws the outline of a polygon, one pixel wide. */
export function outlinePolygon(bitmap: Bitmap, points: readonly Point[], colour: Colour): void {
  for (const [[x1, y1], [x2, y2]] of edgesOf(points)) {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1))));
    for (let step = 0; step <= steps; step++) {
      const along = step / steps;
      paint(bitmap, Math.round(x1 + (x2 - x1) * along), Math.round(y1 + (y2 - y1) * along), colour);
    }
  }
}

const edgesOf = (points: readonly Point[]): (readonly [Point, Point])[] =>
  points.map((point, index) => [point, points[(index + 1) % points.length] ?? point]);

/** Returns where the edges cross a row. */
const crossingsOf = (points: readonly Point[], y: number): number[] =>
  edgesOf(points).flatMap(([[x1, y1], [x2, y2]]) =>
    y1 <= y !== y2 <= y ? [x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)] : [],
  );

function paint({ width, height, data }: Bitmap, x: number, y: number, colour: Colour): void {
  if (x >= 0 && x < width && y >= 0 && y < height) data.set(colour, (y * width + x) * 4);
}
