import { constants, existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Unreachable } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import { deleteWorkFolder, makeWorkFolder } from '../../../lib/work-folder.ts';

/**
 * Copies a collection file with its log, but without its media, into a new temporary folder, and returns the path of the copy.
 * The collection may be open. Nothing may write it meanwhile. Throws Unreachable.
 */
export async function copyCollection(path: string): Promise<string> {
  const copy = join(await makeWorkFolder(tmpdir(), 'ankiwright-copy-'), 'collection.anki2');
  try {
    // The log has the latest changes.
    for (const end of ['', '-wal'])
      if (existsSync(path + end)) await copyFile(path + end, copy + end, constants.COPYFILE_FICLONE);
    return copy;
  } catch (error) {
    await deleteCopy(copy);
    throw new Unreachable(cannotCopy(dirname(copy), error), { cause: error });
  }
}

/** Deletes a copy with its folder. */
export const deleteCopy = (copy: string): Promise<void> => deleteWorkFolder(dirname(copy));

const cannotCopy = (folder: string, error: unknown): string =>
  `The collection could not be copied to ${folder} to try this there: ${messageOf(error)}. Nothing was changed. Free some space there, or set TMPDIR to another folder.`;
