import { AnkiRefused, Unreadable } from '../../contract/errors.ts';
import { mediaType, type MediaType } from '../../lib/media-type.ts';
import { formatSize } from '../size.ts';
import type { Context } from '../workflow.ts';

/** Maximum bytes of one file, of all files of a side, and maximum number of its files. */
const limits = { each: 500_000, all: 1_000_000, files: 20 };

/** A file as a data: URL, or the reason why it is not sent. */
export type EmbeddedFile = { readonly url: string } | { readonly reason: string };

/** Files by name that need not be read, in Base64. */
export type KnownFiles = ReadonlyMap<string, string>;

/** Reads pictures and sounds of the media folder in this order, up to the limits. */
export async function embed(
  { call }: Context,
  wanted: ReadonlyMap<string, MediaType['kind']>,
  known: KnownFiles = new Map(),
): Promise<ReadonlyMap<string, EmbeddedFile>> {
  const selected = [...wanted].slice(0, limits.files);
  const contents = await Promise.all(
    selected.map(async ([filename]) => {
      const data = known.get(filename);
      if (data !== undefined) return data;
      return call('retrieveMediaFile', { filename }).catch((error: unknown) => {
        if (error instanceof AnkiRefused || error instanceof Unreadable) return false as const;
        throw error;
      });
    }),
  );
  let left = limits.all;
  const files = new Map<string, EmbeddedFile>();
  for (const [index, [name, kind]] of selected.entries()) {
    const content = contents[index];
    const bytes = typeof content === 'string' ? Buffer.from(content, 'base64') : undefined;
    const type = bytes && mediaType(bytes);
    if (!bytes) files.set(name, { reason: 'not in the media folder' });
    else if (type?.kind !== kind) files.set(name, { reason: 'a file of another type' });
    else if (bytes.length > Math.min(left, limits.each))
      files.set(name, { reason: `too large: ${formatSize(bytes.length)}` });
    else {
      left -= bytes.length;
      files.set(name, { url: `data:${type.mimeType};base64,${bytes.toString('base64')}` });
    }
  }
  return files;
}
