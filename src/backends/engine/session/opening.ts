import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OutcomeUnknown, Unreachable } from '../../../contract/errors.ts';
import { EngineError } from '../process/engine-error.ts';
import type { Host } from '../process/host.ts';
import type { Place } from './collection.ts';

/** Advice when another program has the collection open and the user chose it with --collection. */
export const closeAdvice =
  "Close it there, or remove --collection from the server's settings to work through the running Anki.";

/** Opens a collection in the host process, and creates its media folder. Throws Unreachable. */
export async function openCollection(
  host: Host,
  place: Place,
  whenInUse: string,
  isCopy = false,
): Promise<void> {
  const folder = dirname(place.path);
  if (!(await isFolderAt(folder))) {
    throw new Unreachable(
      `The collection's folder ${folder} does not exist. Check --collection, or create the folder.`,
    );
  }
  try {
    await host.call('open_collection', {
      collectionPath: place.path,
      mediaFolderPath: place.media,
      mediaDbPath: place.mediaDb,
    });
  } catch (error) {
    if (error instanceof OutcomeUnknown) {
      if (isCopy)
        throw new Unreachable(
          `Nothing was changed: a temporary copy of the collection could not be opened. Try again. ${error.message}`,
        );
      throw new Unreachable(
        `Nothing was changed: the collection ${place.path} could not be opened. Try again. If it fails again, the file may be damaged: restore a backup in Anki. ${error.message}`,
      );
    }
    if (!(error instanceof EngineError)) throw error;
    if (await isFolderAt(place.path)) {
      throw new Unreachable(
        `${place.path} is a folder and could not be opened. --collection needs the file in it, usually ${join(place.path, 'collection.anki2')}.`,
      );
    }
    throw new Unreachable(`${reasonOf(error.original, place.path, whenInUse)} Anki says: ${error.original}`);
  }
  // Callers of getMediaDirPath write files there.
  await mkdir(place.media, { recursive: true }).catch(async (error: Error) => {
    await host.call('close_collection', { downgradeToSchema11: false });
    throw new Unreachable(
      `The folder for the collection's media cannot be created: ${error.message}. Nothing was changed. Move any file of that name away, and check permissions and free space.`,
    );
  });
}

/** Throws Unreachable if there is no file. */
export async function requireFile(path: string): Promise<void> {
  await stat(path).catch(() => {
    throw new Unreachable(
      `The collection ${path} does not exist, and --read-only creates none. Check --collection.`,
    );
  });
}

const isFolderAt = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Returns the reason and a remedy for the engine's error message about a file that could not be opened. */
function reasonOf(message: string, path: string, whenInUse: string): string {
  if (message.includes('already open')) {
    return `The collection ${path} is open in another program: Anki itself, or another server. ${whenInUse}`;
  }
  if (message.includes('NotADatabase') || message.includes('not a database')) {
    return `${path} is not an Anki collection. Check --collection; a collection's file is usually named collection.anki2.`;
  }
  if (/FileTooNew|newer/i.test(message)) {
    return `The collection ${path} was written by a newer Anki than this engine. Update ankiwright.`;
  }
  return `The collection ${path} could not be opened. Check that the file is readable and writable. If it is damaged, restore a backup in Anki.`;
}

/** Moves what the log of the open collection contains into its file. Returns false if that failed. */
export const applyLog = (host: Host): Promise<boolean> =>
  host.query('pragma wal_checkpoint(truncate)').then(
    () => true,
    () => false,
  );

export const changedMeanwhile = (path: string): string =>
  `${path} was moved, deleted, replaced or overwritten by another program during this call, so the call was stopped. Earlier steps of it may be lost: read them back before you repeat it.`;

/** Returns the notice that another program changed the file while it was open. `unsaved` is the path of a log that was set aside. */
export function changeNotice(
  path: string,
  change: 'replaced' | 'overwritten',
  unsaved: string | undefined,
): string {
  const how = change === 'replaced' ? 'replaced by another file' : 'overwritten';
  const rest =
    change === 'replaced'
      ? 'Earlier changes are in the previous file, if it still exists'
      : 'Changes that were only in the log of the previous content are not in it';
  const where = unsaved === undefined ? '' : `; the log is kept as ${unsaved}`;
  return `${path} was ${how} by another program while it was open. The file that is there now is used. ${rest}${where}.`;
}
