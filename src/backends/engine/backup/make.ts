import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from '../process/install.ts';
import type { Collection } from '../session/collection.ts';
import { withBackupOpen } from './copy.ts';

/** Writes a backup of the whole collection into a folder; returns false if the engine made none. */
export async function makeBackup(collection: Collection, folder: string): Promise<boolean> {
  const request = { backupFolder: folder, force: true, waitForCompletion: true };
  return (await collection.call('create_backup', request)).val;
}

/** Opens the backups in a folder. Throws if one has another number of notes or cards than the collection. */
export async function checkBackups(
  installation: Installation,
  collection: Collection,
  folder: string,
): Promise<void> {
  const expected = await countsOf(collection);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await withBackupOpen(installation, path, countsOf);
    if (found !== expected)
      throw new Error(`the backup ${path} has ${found}, but the collection has ${expected}`);
  }
}

async function countsOf(collection: Collection): Promise<string> {
  const [[notes, cards] = []] = await collection.query(
    'select (select count() from notes), (select count() from cards)',
  );
  return `${String(notes)} notes and ${String(cards)} cards`;
}
