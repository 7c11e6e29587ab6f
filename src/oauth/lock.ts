import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../lib/error.ts';

/** Milliseconds after which an unchanged lock belongs to a process that was killed: work under it takes a few. */
const staleMs = 5000;
const retryMs = 10;

/** Runs work while no other process runs work under the same lock file. */
export async function underLock<T>(path: string, work: () => T): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let seen = '';
  let since = performance.now();
  while (!create(path)) {
    const lock = stampOf(path);
    if (lock !== seen) since = performance.now(); // not by the lock's own time: the clock may have been changed
    else if (performance.now() - since > staleMs) rmSync(path, { force: true });
    seen = lock;
    await delay(retryMs);
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function create(path: string): boolean {
  try {
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Returns a text that differs for each version of a file that is replaced as a whole; '' if there is no file. */
export function stampOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.ino} ${stats.mtimeNs} ${stats.size}`;
}
