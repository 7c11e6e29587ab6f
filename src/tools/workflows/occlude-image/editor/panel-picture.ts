import { AnkiRefused } from '../../../../contract/errors.ts';
import { messageOf } from '../../../../lib/error.ts';
import { readBitmap, scaled, toJpeg, whyNotDecoded } from '../../../../lib/picture/bitmap.ts';
import { formatSize } from '../../../size.ts';
import type { Picture } from '../picture.ts';

/** Maximum bytes of a picture in a panel: hosts have problems with larger results. Others are made smaller. */
const maxBytes = 100_000;

/** Maximum bytes of a picture that cannot be made smaller here. */
const maxUnscaled = 500_000;

/** Longest sides in pixels that are tried until the picture is small enough. */
const sides = [1280, 960, 640, 480] as const;

/** Returns a picture as a data: URL for the panel. Throws if it is too large or broken. */
export async function panelPicture(picture: Picture): Promise<string> {
  const { bytes, mimeType, header, filename } = picture;
  if (bytes.length <= maxBytes) return urlOf(mimeType, bytes);
  const why = whyNotDecoded(mimeType, header);
  if (why === undefined && header) return urlOf('image/jpeg', await smaller(picture, header));
  if (bytes.length <= maxUnscaled) return urlOf(mimeType, bytes);
  throw new AnkiRefused(
    `Nothing was changed: "${filename}" is too large for the panel (${formatSize(bytes.length)}, limit ${formatSize(maxUnscaled)}) and cannot be made smaller: ${why ?? ''}. Pass it as PNG or JPEG, or leave review out.`,
  );
}

const urlOf = (mimeType: string, bytes: Buffer): string =>
  `data:${mimeType};base64,${bytes.toString('base64')}`;

async function smaller(
  { bytes, mimeType, filename }: Picture,
  header: NonNullable<Picture['header']>,
): Promise<Buffer> {
  const [largest, ...others] = sides;
  try {
    let bitmap = await readBitmap(bytes, mimeType, header, largest);
    let jpeg = await toJpeg(bitmap);
    for (const side of others) {
      if (jpeg.length <= maxBytes) break;
      bitmap = scaled(bitmap, side);
      jpeg = await toJpeg(bitmap);
    }
    return jpeg;
  } catch (error) {
    throw new AnkiRefused(
      `Nothing was changed: "${filename}" cannot be shown, it may be broken: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}
