import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AnkiMachine } from './anki-machine.ts';
import { isBelow } from './read-access.ts';

const logs = ['', '-wal', '-shm', '-journal'];

/** Returns the names of the collection's files and folders. They are in one folder. */
function ownNames({ mediaFolder, collection }: AnkiMachine): readonly string[] {
  const media = basename(mediaFolder);
  const stem = media.replace(/\.media$/, '');
  const databases = [
    collection === undefined ? `${stem}.anki2` : basename(collection),
    `${media}.db2`,
    `${media}.db`,
  ];
  return [
    ...databases.flatMap((database) => logs.map((log) => database + log)),
    media,
    'media.trash',
    'backups',
    `${stem}.ankiwright-backups`,
    `${stem}.ankiwright-backups.info`,
  ];
}

/** Returns true for the collection, its logs, media and backups. Letter case is ignored, as on macOS and Windows. */
export async function isOwnFile(path: string, machine: AnkiMachine): Promise<boolean> {
  const folder = await realpath(dirname(machine.mediaFolder)).catch(() => dirname(machine.mediaFolder));
  const named = ownNames(machine).map((name) => join(folder, name));
  const real = await Promise.all(named.map((own) => realpath(own).catch(() => own)));
  const target = path.toLowerCase();
  return [...named, ...real]
    .map((own) => own.toLowerCase())
    .some((own) => own === target || isBelow(target, own));
}
