import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deleteWorkFolder, makeWorkFolder } from '../../../lib/work-folder.ts';
import { Host } from '../process/host.ts';
import type { Installation } from '../process/install.ts';
import { Collection, placeOf } from '../session/collection.ts';

/** Unpacks a backup into a temporary folder next to it, and opens it in a second engine while `work` runs. */
export async function withBackupOpen<T>(
  installation: Installation,
  backupPath: string,
  work: (collection: Collection, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await makeWorkFolder(dirname(backupPath), '.partial-');
  let host: Host | undefined;
  try {
    const { path, media, mediaDb } = placeOf(join(folder, 'collection.anki2'));
    await mkdir(media);
    host = await Host.start(installation);
    await host.call('import_collection_package', { colPath: path, backupPath, mediaFolder: media, mediaDb });
    await host.call('open_collection', {
      collectionPath: path,
      mediaFolderPath: media,
      mediaDbPath: mediaDb,
    });
    return await work(new Collection(host, placeOf(path)), folder);
  } finally {
    await host?.close();
    await deleteWorkFolder(folder);
  }
}
