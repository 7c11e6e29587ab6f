import { AnkiRefused, Unreadable } from '../../contract/errors.ts';
import { mediaType } from '../../lib/media-type.ts';
import type { Content, Context } from '../workflow.ts';

const megabyte = 1_000_000;
export const pictureLimits = { each: megabyte, all: 4 * megabyte, files: 8 };

/** What models can see. */
const seen = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** A picture on a card: to be shown, or why it is not. */
export type Picture = { readonly content: Content } | { readonly instead: string };

/** Reads pictures of the media folder, in this order, up to the limits. */
export async function readPictures(
  { call }: Context,
  names: readonly string[],
): Promise<Map<string, Picture>> {
  const files = names.filter((name) => !/^(https?:|embedded )/.test(name));
  const wanted = files.slice(0, pictureLimits.files);
  if (wanted.length === 0) return new Map(names.map((name) => [name, unread(name)]));
  const [folder, ...read] = await Promise.all([
    call('getMediaDirPath', {}),
    ...wanted.map((filename) =>
      call('retrieveMediaFile', { filename }).catch((error: unknown) => {
        if (error instanceof AnkiRefused || error instanceof Unreadable) return error;
        throw error;
      }),
    ),
  ]);
  const separator = folder.includes('\\') ? '\\' : '/';
  let left = pictureLimits.all;
  const pictures = new Map<string, Picture>();
  for (const [index, name] of wanted.entries()) {
    const file = read[index];
    if (typeof file !== 'string') {
      pictures.set(name, { instead: file instanceof Error ? file.message : 'not in the media folder' });
      continue;
    }
    const bytes = Buffer.from(file, 'base64');
    const mimeType = mediaType(bytes)?.mimeType;
    const fits = bytes.length <= Math.min(left, pictureLimits.each);
    if (mimeType !== undefined && seen.has(mimeType) && fits) {
      left -= bytes.length;
      pictures.set(name, { content: { type: 'image', data: file, mimeType } });
      continue;
    }
    const about = `${mimeType ?? 'of unknown type'}, ${sizeIn(bytes.length)}, at ${folder}${separator}${name}`;
    pictures.set(name, { instead: fits ? about : `too large: ${about}` });
  }
  return new Map(names.map((name) => [name, pictures.get(name) ?? unread(name)]));
}

const unread = (name: string): Picture => {
  if (name.startsWith('http')) return { instead: 'on the web' };
  return {
    instead: name.startsWith('embedded ') ? 'inside the HTML' : `only ${pictureLimits.files} in one call`,
  };
};

const sizeIn = (bytes: number): string =>
  bytes < megabyte ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / megabyte).toFixed(1)} MB`;
