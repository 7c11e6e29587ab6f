import { constants, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { MediaRefused } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';
import { readablePath, unreadable } from '../files/read-access.ts';
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
  if (path) return detectType(await readPath(String(path), policy), echo(String(path)));
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

const isSame = (a: Stats, b: Stats): boolean => a.dev === b.dev && a.ino === b.ino;

async function readPath(path: string, policy: MediaPolicy): Promise<Buffer> {
  try {
    const real = await readablePath(path, policy);
    const before = await stat(real);
    if (!before.isFile()) throw new MediaRefused(`${echo(path)} is not a file.`);
    // The file may have been replaced since: these flags do not follow a link, and do not block on a pipe.
    const file = await open(
      real,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      const opened = await file.stat();
      if (!opened.isFile() || !isSame(opened, before)) {
        throw new MediaRefused(`${echo(path)} is not allowed: it was replaced while it was read.`);
      }
      const { maxBytes } = policy;
      if (opened.size > maxBytes) throw new MediaRefused(`${echo(path)} is larger than ${maxBytes} bytes.`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof MediaRefused) throw error;
    throw unreadable(path, error);
  }
}
