import { basename } from 'node:path';
import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { mediaType } from '../../../lib/media-type.ts';
import { pictureHeader, shownSize, type PictureHeader, type Size } from '../../../lib/picture/size.ts';
import { mediaName } from '../../card-text/media-name.ts';
import { readMedia, type MediaSource } from '../../media/media-source.ts';
import type { Context } from '../../workflow.ts';

export interface Picture {
  /** The name in the media folder. */
  readonly filename: string;
  readonly bytes: Buffer;
  readonly mimeType: string;
  readonly header: PictureHeader | undefined;
  /** True if the file is still to be stored. */
  readonly isNew: boolean;
}

/** Where a picture comes from. */
interface Source {
  readonly name: string;
  readonly from?: MediaSource;
}

/** Shorter texts without a path are names of files. */
const minBase64 = 200;

/** Returns what a text names: a URL, data in base64, a path, or a file of the media folder. */
function sourceOf(text: string): Source {
  if (/^https?:/i.test(text)) return { name: nameInUrl(text), from: { url: text } };
  const isBare = text.length >= minBase64 && /^[\w+/=\s-]+$/.test(text);
  if (/^data:/i.test(text) || isBare) return { name: '', from: { data: text.replace(/^data:[^,]*,/i, '') } };
  return /[\\/]/.test(text) ? { name: basename(text), from: { path: text } } : { name: text };
}

const nameInUrl = (url: string): string =>
  URL.canParse(url) ? mediaName(basename(new URL(url).pathname)) : '';

/** Returns the path, if the text is one. */
export function pathsOf(picture: string | undefined): readonly string[] {
  const path = picture === undefined ? undefined : sourceOf(picture).from?.path;
  return typeof path === 'string' ? [path] : [];
}

/** Extensions of the types that Anki shows; the first is added to names without one. */
const extensions = new Map([
  ['image/png', ['png']],
  ['image/jpeg', ['jpg', 'jpeg']],
  ['image/gif', ['gif']],
  ['image/webp', ['webp']],
  ['image/svg+xml', ['svg']],
  ['image/avif', ['avif']],
  ['image/bmp', ['bmp']],
]);

/** Reads a picture. */
export async function readPicture(context: Context, text: string): Promise<Picture> {
  const { name, from } = sourceOf(text);
  if (!from) return storedPicture(context, name);
  const { bytes, mimeType } = await readMedia(from, context.media, context.signal);
  return toPicture(name || 'picture', bytes, mimeType, true);
}

/** Reads a file of the media folder. */
export async function storedPicture({ call }: Context, filename: string): Promise<Picture> {
  const file = await call('retrieveMediaFile', { filename });
  if (typeof file !== 'string')
    throw new AnkiRefused(
      `Nothing was changed: the media folder has no file "${echo(filename)}". getMediaFilesNames lists its files. A path contains / or \\.`,
    );
  const bytes = Buffer.from(file, 'base64');
  return toPicture(filename, bytes, mediaType(bytes)?.mimeType ?? 'unknown', false);
}

function toPicture(filename: string, bytes: Buffer, mimeType: string, isNew: boolean): Picture {
  const known = extensions.get(mimeType);
  if (!known)
    throw new AnkiRefused(
      `Nothing was changed: "${echo(filename)}" is no picture that Anki shows, but ${mimeType}. Pass a PNG, JPEG, GIF, WebP, AVIF, BMP or SVG file.`,
    );
  const extension = /\.(\w+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
  const isNamed = !isNew || known.includes(extension);
  const name = isNamed ? filename : `${filename}.${known[0] ?? ''}`;
  return { filename: name, bytes, mimeType, header: pictureHeader(bytes, mimeType), isNew };
}

export const sizeOf = ({ header }: Picture): Size | undefined => header && shownSize(header);
