import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Place } from '../session/collection.ts';

/** Returns the path without links. Parts that do not exist stay as they are. */
async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(await resolved(folder), basename(path));
  }
}

/** Makes paths comparable on file systems that ignore letter case, Unicode forms, or dots and blanks at the end of a name. */
const comparable = (path: string): string =>
  path
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/(?<=[^\\/. ])[. ]+(?=[\\/]|$)/g, '');

const databaseSuffixes = ['', '-wal', '-shm', '-journal'];

/** Throws if a file to write is one of the collection's own: its databases, its media or its backups. */
export async function refuseOwnFile(
  path: string,
  { path: collection, media, mediaDb }: Place,
): Promise<void> {
  const asGiven = resolve(path);
  // A link is replaced, and not followed, so its own place counts too.
  const inItsFolder = join(await resolved(dirname(asGiven)), basename(asGiven));
  const targets = [await resolved(asGiven), inItsFolder].map(comparable);
  const parent = dirname(collection);
  const files = [collection, mediaDb].flatMap((file) => databaseSuffixes.map((suffix) => `${file}${suffix}`));
  const folders = [media, join(parent, 'backups'), join(parent, 'media.trash')];
  for (const own of [...files, ...folders]) {
    const place = comparable(await resolved(own));
    const isInside = targets.some(
      (target) => /^[\\/:]?$/.test(target.slice(place.length, place.length + 1)) && target.startsWith(place),
    );
    if (isInside) {
      throw new AnkiRefused(
        `Cannot write ${path}: it belongs to the collection that is open (${own}). Nothing was written. Choose a path outside the collection's files, its media folder and its backups.`,
      );
    }
  }
}
