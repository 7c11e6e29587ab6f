import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { engineHome, installed } from '../../backends/engine/process/install.ts';
import { failure, ok, skipped, warning, type Check, type Finding } from './check.ts';
import type { Subject } from './subject.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;
/** Free space in bytes below which doctor warns, and below which it fails. */
const lowSpace = 200 * MB;
const tooLowSpace = 20 * MB;

const disk: Check = {
  name: 'disk',
  examine: async (subject) => {
    const folders = await foldersOf(subject);
    if (folders.length === 0)
      return skipped('Only Anki writes files, and its folder is not on this computer.');
    return Promise.all(folders.map(examineFolder));
  },
};

/** Returns the folders that will be written to, or their nearest existing parents. */
async function foldersOf(subject: Subject): Promise<readonly string[]> {
  const collection = await subject.collection().catch(() => undefined);
  const profiles = await nearestFolder(subject.ankiFolder);
  const ankiFolders = profiles === subject.ankiFolder ? [profiles] : [];
  const data = collection === undefined ? ankiFolders : [await nearestFolder(dirname(collection))];
  const missing = (await subject.engineNeeded()) && !(await installed(subject.target));
  const engine = missing ? [await nearestFolder(engineHome(subject.target))] : [];
  return [...new Set([...data, ...engine])];
}

async function nearestFolder(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() || path === dirname(path) ? path : nearestFolder(dirname(path));
}

async function examineFolder(folder: string): Promise<Finding> {
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) {
    return failure(
      `The folder ${folder} is not writable.`,
      'Change its permissions, or choose another folder.',
    );
  }
  const { bavail, bsize } = await statfs(folder);
  return examineSpace(folder, bavail * bsize);
}

/** Returns the finding for this number of free bytes. */
export function examineSpace(folder: string, bytes: number): Finding {
  const space = bytes < GB ? `${Math.floor(bytes / MB)} MB` : `${Math.floor(bytes / GB)} GB`;
  const says = `${space} are free at ${folder}.`;
  if (bytes < tooLowSpace) return failure(says, 'Free some space: a write without free space is lost.');
  if (bytes < lowSpace) return warning(says, 'Free some space: backups and media need it.');
  return ok(says);
}

/** Earliest correct time: no ankiwright is older. */
const earliest = Date.UTC(2026, 8, 1);
/** Milliseconds that the clock may differ. AnkiWeb has the same limit. */
const toleranceMs = 5 * 60_000;
const setClock =
  "Set the computer's clock. Anki uses it for due dates and review times, and AnkiWeb refuses to sync if it is five minutes off.";

const clock: Check = {
  name: 'clock',
  examine: async (subject) => {
    const now = Date.now();
    if (now < earliest) return failure(`The clock says ${timeOf(now)}, which is in the past.`, setClock);
    const newest = (await subject.probe())?.newest ?? 0;
    if (newest <= now + toleranceMs) return ok(`The clock says ${timeOf(now)}.`);
    return warning(
      `The clock says ${timeOf(now)}, but the collection was last changed at ${timeOf(newest)}: the clock is slow now, or it was fast then.`,
      setClock,
    );
  },
};

const timeOf = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Checks of the computer. */
export const machine: readonly Check[] = [disk, clock];
