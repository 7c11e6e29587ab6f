import { MediaRefused } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';
import { readAllowedFile } from '../files/read-file.ts';
import type { MediaPolicy } from './media-policy.ts';
import { mediaType, type MediaType } from '../../lib/media-type.ts';
import type { Json } from '../../lib/json.ts';

/** Sources of a media file; the first one present counts, as in Anki-Connect. */
export interface MediaSource {
  readonly data?: Json | undefined;
  readonly path?: Json | undefined;
  readonly url?: Json | undefined;
}

export interface Media extends MediaType {
  readonly bytes: Buffer;
}

/** Reads a picture, sound or video from a source. Throws MediaRefused for other content or a source that is not allowed. */
export async function readMedia(
  source: MediaSource,
  policy: MediaPolicy,
  signal?: AbortSignal,
): Promise<Media> {
  const { data, path, url } = source;
  if (data) return detectType(Buffer.from(String(data), 'base64'), 'data');
  if (path)
    return detectType(await readAllowedFile(String(path), policy, policy.maxBytes), echo(String(path)));
  if (url) {
    const { download } = await import('./media-download.ts');
    return detectType(await download(String(url), { ...policy, signal }), echo(String(url)));
  }
  throw new MediaRefused('A media file needs data, path or url.');
}

function detectType(bytes: Buffer, origin: string): Media {
  const type = mediaType(bytes);
  if (type) return { bytes, ...type };
  const problem = /^\s*<(!doctype html|html|head|body)/i.test(bytes.toString('latin1', 0, 512))
    ? 'is a web page. Use the URL of the file itself'
    : 'is not a picture, sound or video of a known format';
  throw new MediaRefused(`${origin} ${problem}.`);
}
