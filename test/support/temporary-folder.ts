import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

/** Creates an empty folder and returns its real path. It is removed after the last test of the file. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ankiwright-')));
  folders.push(folder);
  return folder;
}

/** Removes the folders that exist so far, for tests that fill them with hundreds of megabytes. */
export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

afterAll(removeTemporaryFolders);
