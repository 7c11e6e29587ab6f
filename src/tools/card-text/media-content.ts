import { AnkiRefused, Unreadable } from '../../contract/errors.ts';
import { mediaType } from '../../lib/media-type.ts';
import { formatSize } from '../size.ts';
import type { Content, Context } from '../workflow.ts';

/** Maximum bytes of one file, of all files of a call, and maximum number of files that a call reads. */
const limits = { each: 1_000_000, all: 4_000_000, files: 8 };

/** Types that models can see or hear. */
const types = {
  image: new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
  audio: new Set(['audio/mpeg', 'audio/mp4', 'audio/aac', 'audio/ogg', 'audio/flac', 'audio/wav']),
};

/** A picture or sound on a card, or the reason why it is not sent. The reason does not contain its name, the details may. */
export type MediaFile =
  | { readonly content: Content }
  | { readonly reason: string; readonly details?: string | undefined };

/** Reads pictures or sounds of the media folder in this order, up to the limits. */
export async function readMedia(
  { call }: Context,
  kind: keyof typeof types,
  names: readonly string[],
): Promise<Map<string, MediaFile>> {
  const files = names.filter((name) => !/^(https?:|embedded )/i.test(name));
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
  const media = new Map<string, MediaFile>();
  for (const [index, name] of selected.entries()) {
    const file = read[index];
    if (typeof file !== 'string') {
      const isError = file instanceof Error;
      const reason = isError ? 'Anki cannot read it' : 'not in the media folder';
      media.set(name, { reason, details: isError ? file.message : undefined });
      continue;
    }
    const bytes = Buffer.from(file, 'base64');
    const mimeType = mediaType(bytes)?.mimeType;
    const fits = bytes.length <= Math.min(left, limits.each);
    if (mimeType !== undefined && types[kind].has(mimeType) && fits) {
      left -= bytes.length;
      media.set(name, { content: { type: kind, data: file, mimeType } });
      continue;
    }
    const about = `${mimeType ?? 'of unknown type'}, ${formatSize(bytes.length)}`;
    const reason = fits ? about : `too large: ${about}`;
    media.set(name, { reason, details: `${reason}, at ${folder}${separator}${name}` });
  }
  return new Map(names.map((name) => [name, media.get(name) ?? notRead(name)]));
}

const notRead = (name: string): MediaFile => {
  if (/^https?:/i.test(name)) return { reason: 'on the web' };
  return {
    reason: name.startsWith('embedded ')
      ? 'inside the HTML'
      : `only ${limits.files} files are read in one call`,
  };
};
