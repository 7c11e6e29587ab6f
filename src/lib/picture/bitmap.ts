import type { PictureHeader, Size } from './size.ts';

/** Pixels as red, green, blue and alpha, row by row. */
export interface Bitmap extends Size {
  readonly data: Uint8Array;
}

/** Maximum number of pixels that are decoded; times the scans of a JPEG. A photo of 12 megapixels takes 1 to 3 seconds. */
const maxPixels = 16_000_000;
const maxScannedPixels = 130_000_000;

/** Why a picture cannot be decoded here, or undefined if it can. */
export function whyNotDecoded(mimeType: string, header: PictureHeader | undefined): string | undefined {
  if (mimeType !== 'image/png' && mimeType !== 'image/jpeg')
    return `only PNG and JPEG are drawn, not ${mimeType}`;
  if (!header) return 'its header is broken';
  // pngjs unpacks these without a limit.
  if (mimeType === 'image/png' && header.scans > 1) return 'it is an interlaced PNG';
  const pixels = header.width * header.height;
  return pixels > maxPixels || pixels * header.scans > maxScannedPixels
    ? `it has too many pixels (limit ${maxPixels / 1e6} megapixels)`
    : undefined;
}

/** Decodes a PNG or JPEG and returns it upright, on white, with at most `maxSide` pixels a side. Throws if it is broken. */
export async function readBitmap(
  bytes: Buffer,
  mimeType: string,
  { orientation }: PictureHeader,
  maxSide: number,
): Promise<Bitmap> {
  const decoded = mimeType === 'image/png' ? await decodePng(bytes) : await decodeJpeg(bytes);
  return turned(scaled(decoded, maxSide), orientation);
}

/** Returns the picture as a JPEG file. */
export async function toJpeg({ width, height, data }: Bitmap): Promise<Buffer> {
  const { encode } = await import('jpeg-js');
  return encode({ width, height, data }, quality).data;
}
const quality = 75;

async function decodePng(bytes: Buffer): Promise<Bitmap> {
  const { PNG } = await import('pngjs');
  return PNG.sync.read(bytes);
}

async function decodeJpeg(bytes: Buffer): Promise<Bitmap> {
  const { decode } = await import('jpeg-js');
  return decode(bytes, { useTArray: true, maxResolutionInMP: maxPixels / 1e6, maxMemoryUsageInMB: 1024 });
}

/** Makes a picture smaller by averages of its pixels, and opaque. */
export function scaled({ width, height, data }: Bitmap, maxSide: number): Bitmap {
  const factor = Math.min(1, maxSide / Math.max(width, height));
  const size = {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
  const result = new Uint8Array(size.width * size.height * 4);
  let to = 0;
  for (let y = 0; y < size.height; y++) {
    const [top, bottom] = range(y, size.height, height);
    for (let x = 0; x < size.width; x++) {
      const [left, right] = range(x, size.width, width);
      let [red, green, blue] = [0, 0, 0];
      for (let row = top; row < bottom; row++) {
        for (let from = (row * width + left) * 4; from < (row * width + right) * 4; from += 4) {
          const alpha = (data[from + 3] ?? 255) / 255;
          const white = 255 * (1 - alpha);
          red += (data[from] ?? 0) * alpha + white;
          green += (data[from + 1] ?? 0) * alpha + white;
          blue += (data[from + 2] ?? 0) * alpha + white;
        }
      }
      const count = (bottom - top) * (right - left);
      result.set([red / count, green / count, blue / count, 255], to);
      to += 4;
    }
  }
  return { ...size, data: result };
}

/** Returns the first pixel, and the one after the last, that a pixel of the smaller picture covers. */
function range(index: number, small: number, large: number): readonly [number, number] {
  const start = Math.floor((index * large) / small);
  return [start, Math.max(start + 1, Math.floor(((index + 1) * large) / small))];
}

/** Turns and mirrors a picture as the orientation of EXIF says. */
function turned(source: Bitmap, orientation: number): Bitmap {
  if (orientation === 1) return source;
  const isSwapped = orientation >= 5;
  const [width, height] = isSwapped ? [source.height, source.width] : [source.width, source.height];
  const flipsX = [2, 3, 7, 8].includes(orientation);
  const flipsY = [3, 4, 6, 7].includes(orientation);
  const data = new Uint8Array(source.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = isSwapped ? [y, x] : [x, y];
      const fromX = flipsX ? source.width - 1 - column : column;
      const fromY = flipsY ? source.height - 1 - row : row;
      const from = (fromY * source.width + fromX) * 4;
      data.set(source.data.subarray(from, from + 4), (y * width + x) * 4);
    }
  }
  return { width, height, data };
}
