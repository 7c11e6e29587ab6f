import { AnkiRefused, Unreadable } from '../../contract/errors.ts';
import { mediaType } from '../../lib/media-type.ts';
import { formatSize } from '../size.ts';
import type { Content, Context } from '../workflow.ts';

/** Maximum bytes of one picture, of all pictures of a call, and maximum number of files that a call reads. */
const limits = { each: 1_000_000, all: 4_000_000, files: 8 };

/** Image types that models can see. */
const visibleTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** A picture on a card, or the reason why it is not shown. */
export type Picture = { readonly content: Content } | { readonly reason: string };

/** Reads pictures of the media folder in this order, up to the limits. */
export async function readPictures(
  { call }: Context,
  names: readonly string[],
): Promise<Map<string, Picture>> {
  const files = names.filter((name) => !/^(https?:|embedded )/.test(name));
  const selected = files.slice(0, limits.files);
  if (selected.length === 0) return new Map(names.map((name) => [name, notRead(name)]));
  const [folder, ...read] = await Promise.all([
    call('getMediaDirPath', {}),
    ...selected.map((filename) =>
      call('retrieveMediaFile', { filename }).catch((error: unknown) => {
        if (error instanceof AnkiRefused || error instanceof Unreadable) return error;
        throw error;
      }),
    ),
  ]);
  const separator = folder.includes('\\') ? '\\' : '/';
  let left = limits.all;
  const pictures = new Map<string, Picture>();
  for (const [index, name] of selected.entries()) {
    const file = read[index];
    if (typeof file !== 'string') {
      pictures.set(name, { reason: file instanceof Error ? file.message : 'not in the media folder' });
      continue;
    }
    const bytes = Buffer.from(file, 'base64');
    const mimeType = mediaType(bytes)?.mimeType;
    const fits = bytes.length <= Math.min(left, limits.each);
    if (mimeType !== undefined && visibleTypes.has(mimeType) && fits) {
      left -= bytes.length;
      pictures.set(name, { content: { type: 'image', data: file, mimeType } });
      continue;
    }
    const about = `${mimeType ?? 'of unknown type'}, ${formatSize(bytes.length)}, at ${folder}${separator}${name}`;
    pictures.set(name, { reason: fits ? about : `too large: ${about}` });
  }
  return new Map(names.map((name) => [name, pictures.get(name) ?? notRead(name)]));
}

const notRead = (name: string): Picture => {
  if (name.startsWith('http')) return { reason: 'on the web' };
  return {
    reason: name.startsWith('embedded ')
      ? 'inside the HTML'
      : `only ${limits.files} files are read in one call`,
  };
};
