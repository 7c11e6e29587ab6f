import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { engineHome, installed } from '../../backends/engine/process/install.ts';
import { failure, ok, skipped, warning, type Check, type Finding } from './check.ts';
import type { Subject } from './subject.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;
const little = 200 * MB;
const tooLittle = 20 * MB;

const disk: Check = {
  name: 'disk',
  look: async (subject) => {
    const folders = await foldersOf(subject);
    if (folders.length === 0) return skipped('Nothing is written but by Anki, and its folder is not here.');
    return Promise.all(folders.map(judgeFolder));
  },
};

/** Where something will be written, as far as the path is there. */
async function foldersOf(subject: Subject): Promise<readonly string[]> {
  const collection = await subject.collection().catch(() => undefined);
  const profiles = await nearestFolder(subject.ankiFolder);
  const inAnki = profiles === subject.ankiFolder ? [profiles] : [];
  const data = collection === undefined ? inAnki : [await nearestFolder(dirname(collection))];
  const missing = (await subject.engineNeeded()) && !(await installed(subject.target));
  const engine = missing ? [await nearestFolder(engineHome(subject.target))] : [];
  return [...new Set([...data, ...engine])];
}

async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() || path === dirname(path) ? path : nearestFolder(dirname(path));
}

async function judgeFolder(folder: string): Promise<Finding> {
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) {
    return failure(
      `Nothing can be written in ${folder}.`,
      'Change its permissions, or choose another folder.',
    );
  }
  const { bavail, bsize } = await statfs(folder);
  return judgeSpace(folder, bavail * bsize);
}

/** Whether so many bytes will do. */
export function judgeSpace(folder: string, bytes: number): Finding {
  const space = bytes < GB ? `${Math.floor(bytes / MB)} MB` : `${Math.floor(bytes / GB)} GB`;
  const says = `${space} are free at ${folder}.`;
  if (bytes < tooLittle) return failure(says, 'Make room: a write that finds none is lost.');
  if (bytes < little) return warning(says, 'Make room: backups and media need some.');
  return ok(says);
}

/** No ankiwright is older: an earlier clock is wrong. */
const beginning = Date.UTC(2026, 8, 1);
const tolerance = 5 * 60_000;
const setIt =
  "Set the computer's clock. By it Anki decides what is due and when a review took place, and AnkiWeb refuses to sync with a clock that is five minutes off.";

const clock: Check = {
  name: 'clock',
  look: async (subject) => {
    const now = Date.now();
    if (now < beginning) return failure(`The clock says ${day(now)}, which is long past.`, setIt);
    const newest = (await subject.probe())?.newest ?? 0;
    if (newest <= now + tolerance) return ok(`The clock says ${day(now)}.`);
    return warning(
      `The clock says ${day(now)}, but the collection was last changed at ${day(newest)}: the clock is slow now, or was fast then.`,
      setIt,
    );
  },
};

const day = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The computer. */
export const machine: readonly Check[] = [disk, clock];
