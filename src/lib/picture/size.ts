export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the header of a picture says. */
export interface PictureHeader extends Size {
  /** How to turn the stored pixels, as EXIF numbers it: 1 is upright, 5 and above swap width and height. */
  readonly orientation: number;
  /** Number of passes in which a JPEG or an interlaced PNG stores its pixels; 1 for other types. */
  readonly scans: number;
}

/** Returns width and height of the stored pixels, or undefined if the type has none or the file is broken. */
export function pictureHeader(bytes: Buffer, mimeType: string): PictureHeader | undefined {
  try {
    const header = mimeType === 'image/jpeg' ? jpegHeader(bytes) : { ...sizeOf(bytes, mimeType), ...upright };
    if (mimeType === 'image/png' && bytes.readUInt8(28) > 0) return { ...header, scans: 7 };
    return header.width > 0 && header.height > 0 ? header : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // the file ends within its header
    throw error;
  }
}

/** Returns the size as it is shown. */
export const shownSize = ({ width, height, orientation }: PictureHeader): Size =>
  orientation >= 5 ? { width: height, height: width } : { width, height };

const upright = { orientation: 1, scans: 1 };
const none = { width: 0, height: 0 };

function sizeOf(bytes: Buffer, mimeType: string): Size {
  switch (mimeType) {
    case 'image/png':
      return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
    case 'image/gif':
      return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
    case 'image/bmp':
      return { width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)) };
    case 'image/webp':
      return webpSize(bytes);
    default:
      return none;
  }
}

function webpSize(bytes: Buffer): Size {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    default:
      return none;
  }
}

/** Reads the segments of a JPEG until the one with its size. */
function jpegHeader(bytes: Buffer): PictureHeader {
  let orientation = 1;
  let at = 2;
  while (bytes.readUInt8(at) === 0xff) {
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1; // padding
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      return { width, height, orientation, scans: countScans(bytes) };
    }
    const end = at + 2 + Math.max(2, bytes.readUInt16BE(at + 2));
    if (marker === 0xe1) orientation = exifOrientation(bytes.subarray(at + 4, end)) ?? orientation;
    at = end;
  }
  return { ...none, ...upright };
}

/** In the data of a JPEG, a byte FF is followed by 0, so that this finds its scans only. */
function countScans(bytes: Buffer): number {
  let scans = 0;
  const start = Buffer.from([0xff, 0xda]);
  for (let at = bytes.indexOf(start); at >= 0; at = bytes.indexOf(start, at + 2)) scans++;
  return scans;
}

const exif = 'Exif\0\0';
const orientationTag = 0x0112;

function exifOrientation(segment: Buffer): number | undefined {
  if (segment.toString('latin1', 0, exif.length) !== exif) return undefined;
  const tiff = segment.subarray(exif.length);
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  try {
    const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
    const entries = short(directory);
    for (let entry = directory + 2; entry < directory + 2 + entries * 12; entry += 12) {
      if (short(entry) !== orientationTag) continue;
      const value = short(entry + 8);
      return value >= 1 && value <= 8 ? value : undefined;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // broken EXIF data: browsers ignore it too
  }
  return undefined;
}
