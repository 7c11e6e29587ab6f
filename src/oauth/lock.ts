import { randomUUID } from 'node:crypto';
import { chownSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../lib/error.ts';

/** Milliseconds after which a lock that is still there belongs to a process that was killed: work under it takes a few. */
const defaultStaleMs = 5000;
const retryMs = 10;

/**
 * Runs work while no other process runs work under the same lock. The lock is a folder in which each process puts a file of
 * a new name: whose file is alone there has the lock. A file that was left behind is removed by its name, so that no lock
 * is removed that was taken meanwhile.
 */
export async function underLock<T>(path: string, work: () => T, staleMs = defaultStaleMs): Promise<T> {
  const seen = new Map<string, number>();
  let own: string | undefined;
  while ((own = take(path)) === undefined) {
    removeStale(path, seen, staleMs);
    await delay(retryMs * (1 + Math.random())); // two that always try at the same time would both fail
  }
  try {
    return work();
  } finally {
    remove(path, own);
  }
}

/** Returns the name of our file if we have the lock now. */
function take(path: string): string | undefined {
  const own = randomUUID();
  try {
    if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) giveToUser(path);
    writeFileSync(join(path, own), '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // The last owner has just removed the folder, or there is a file, as older versions made it.
    if (['ENOENT', 'ENOTDIR', 'EEXIST'].includes(codeOf(error))) return undefined;
    throw error;
  }
  const [first, ...others] = namesIn(path);
  if (first === own && others.length === 0) return own;
  remove(path, own);
  return undefined;
}

/** Root may run a command, but the lock that it leaves when it is killed must not stop the server's user. */
function giveToUser(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  chownSync(path, uid, gid);
}

/** Removes what has been there for longer than work takes. `seen` has the time of `performance.now()` at which each name was first seen. */
function removeStale(path: string, seen: Map<string, number>, staleMs: number): void {
  const now = performance.now(); // not the files' own times: the clock may have been changed
  const names = new Set(namesIn(path));
  for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
  for (const name of names) {
    const since = seen.get(name);
    if (since === undefined) seen.set(name, now);
    else if (now - since > staleMs) remove(path, name);
  }
}

/** Returns the names of the files in the lock; '' for a lock that is itself a file. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    return codeOf(error) === 'ENOTDIR' ? [''] : [];
  }
}

/** Removes a file of the lock, and the folder if it is empty then. What cannot be removed is stale later. */
function remove(path: string, name: string): void {
  try {
    rmSync(join(path, name), { force: true });
    rmdirSync(path);
  } catch {
    // The folder has other files, another process has removed it, or it has replaced a file.
  }
}

/** Returns a text that differs for each version of a file that is replaced as a whole; '' if there is no file. */
export function stampOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.ino} ${stats.mtimeNs} ${stats.size}`;
}
