import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { UsageError } from '../contract/errors.ts';

const extension = '.anki2';

/**
 * Refuses a collection without the extension .anki2, unless it is an SQLite file: the engine would create an empty collection
 * there, or write one into an empty file. Its media folder would get a name that Anki does not use.
 */
export function refuseOtherExtension(path: string): void {
  if (extname(path) === extension) return;
  const file = statSync(path, { throwIfNoEntry: false });
  if (file?.isDirectory())
    throw new UsageError(
      `--collection ${path} is a folder. It needs the file in it, usually ${join(path, `collection${extension}`)}`,
    );
  if (file?.isFile() && isSqlite(path)) return;
  const problem = file === undefined ? 'does not exist' : 'is not a collection';
  throw new UsageError(
    `--collection ${path} ${problem}. A new collection is created only with the extension ${extension}, usually as collection${extension}: programs find its media by that name`,
  );
}

/** Returns true for an SQLite file, and for one that cannot be read: the engine says why. */
function isSqlite(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const header = Buffer.alloc(16);
      readSync(file, header);
      return header.toString('latin1') === 'SQLite format 3\0';
    } finally {
      closeSync(file);
    }
  } catch {
    return true;
  }
}
