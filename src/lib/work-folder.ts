import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf } from './error.ts';

/** Names of the work folders that this process uses. Another process with its id may have left others. */
const inUse = new Set<string>();

/**
 * Makes a folder for unfinished work. Its name starts with the prefix and the id of this process. Deletes those next to
 * it whose process was killed.
 */
export async function makeWorkFolder(parent: string, prefix: string): Promise<string> {
  await deleteAbandoned(parent, prefix);
  const name = `${prefix}${process.pid}-${randomUUID()}`;
  inUse.add(name);
  const path = join(parent, name);
  await mkdir(path, { mode: 0o700 });
  return path;
}

export async function deleteWorkFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  inUse.delete(basename(path));
}

async function deleteAbandoned(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [digits = ''] = name.startsWith(prefix) ? (/^\d+(?=-)/.exec(name.slice(prefix.length)) ?? []) : [];
    if (digits === '' || inUse.has(name)) continue;
    const pid = Number(digits);
    if (pid !== process.pid && isRunning(pid)) continue;
    // Another user's folder cannot be deleted.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
