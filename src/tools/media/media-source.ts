import { constants, type Stats } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { MediaRefused } from '../../contract/errors.ts';
import type { MediaPolicy } from './media-policy.ts';
import { mediaType, type MediaType } from '../../lib/media-type.ts';
import type { Json } from '../../lib/json.ts';

/** As Anki-Connect takes them: the first that is given counts. */
export interface MediaSource {
  readonly data?: Json | undefined;
  readonly path?: Json | undefined;
  readonly url?: Json | undefined;
}

export interface Media extends MediaType {
  readonly bytes: Buffer;
}

/** The file that a source gives, if it is a picture, sound or film and may be taken from there. */
export async function readMedia(
  source: MediaSource,
  policy: MediaPolicy,
  signal?: AbortSignal,
): Promise<Media> {
  const { data, path, url } = source;
  if (data) return typed(Buffer.from(String(data), 'base64'), 'data');
  if (path) return typed(await readPath(String(path), policy), String(path));
  if (url) {
    const { download } = await import('./media-download.ts');
    return typed(await download(String(url), { ...policy, signal }), String(url));
  }
  throw new MediaRefused('A media file needs data, path or url.');
}

function typed(bytes: Buffer, origin: string): Media {
  const type = mediaType(bytes);
  if (type) return { bytes, ...type };
  const seen = /^\s*<(!doctype html|html|head|body)/i.test(bytes.toString('latin1', 0, 512))
    ? 'is a web page. Give the address of the file itself'
    : 'is no picture, sound or film of a known format';
  throw new MediaRefused(`${origin} ${seen}.`);
}

const lies = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

const isSame = (a: Stats, b: Stats): boolean => a.dev === b.dev && a.ino === b.ino;

async function readPath(path: string, { dirs, maxBytes }: MediaPolicy): Promise<Buffer> {
  if (dirs.length === 0) {
    throw new MediaRefused(
      'Files of this computer may not be read: the user has to allow their folder by starting ankiwright with --media-dir FOLDER. Use data or url instead.',
    );
  }
  const outside = new MediaRefused(
    `${path} is refused: only files below ${dirs.join(', ')} may be read. The user can allow more by --media-dir FOLDER.`,
  );
  const folders = await Promise.all(dirs.map((dir) => realpath(dir).catch(() => resolve(dir))));
  // Nothing is told of files elsewhere, not even whether they exist.
  if (!isAbsolute(path) || ![...dirs, ...folders].some((folder) => lies(resolve(path), resolve(folder)))) {
    throw outside;
  }
  try {
    const real = await realpath(path);
    if (!folders.some((folder) => lies(real, folder))) throw outside;
    const found = await stat(real);
    if (!found.isFile()) throw new MediaRefused(`${path} is not a file.`);
    // Should it have been exchanged meanwhile: a link is not followed, and a pipe not waited for.
    const file = await open(
      real,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      const opened = await file.stat();
      if (!opened.isFile() || !isSame(opened, found)) throw outside;
      if (opened.size > maxBytes) throw new MediaRefused(`${path} is larger than ${maxBytes} bytes.`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof MediaRefused) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new MediaRefused(
      `${path} cannot be read (${code === 'ENOENT' ? 'there is no such file' : code}).`,
      {
        cause: error,
      },
    );
  }
}
