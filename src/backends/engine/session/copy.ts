import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Unreachable } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import { Host } from '../process/host.ts';
import { Collection, placeOf } from './collection.ts';
import { openCollection } from './opening.ts';
import type { Session } from './session.ts';

/**
 * Opens a copy of the collection, without its media, in a second engine while `work` runs. Whatever happens to the copy,
 * the collection and its undo list stay as they are. The caller must make no other call meanwhile.
 */
export async function withCopyOpen<T>(
  { place, installation }: Session,
  work: (copy: Collection) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ankiwright-copy-'));
  let host: Host | undefined;
  try {
    const copy = placeOf(join(folder, 'collection.anki2'));
    // The log has the latest changes. Both files are consistent, because only this engine writes them.
    for (const end of ['', '-wal'])
      if (existsSync(place.path + end))
        await copyFile(place.path + end, copy.path + end, constants.COPYFILE_FICLONE).catch(
          (error: unknown) => {
            throw new Unreachable(cannotCopy(folder, error), { cause: error });
          },
        );
    await mkdir(copy.media);
    host = await Host.start(await installation());
    await openCollection(host, copy, '');
    return await work(new Collection(host, copy));
  } finally {
    await host?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const cannotCopy = (folder: string, error: unknown): string =>
  `The collection could not be copied to ${folder} to try this there: ${messageOf(error)}. Nothing was changed. Free some space there, or set TMPDIR to another folder.`;
