import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import type { EngineOptions } from '../../src/backends/engine/options.ts';
import { eventually } from './eventually.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Returns an engine on a new collection in an empty folder. `close` closes the engine and removes the folder. */
export function temporaryEngine(options: Partial<EngineOptions> = {}): {
  engine: Engine;
  folder: string;
  close: () => Promise<void>;
} {
  const folder = temporaryFolder();
  const engine = new Engine({
    collection: join(folder, 'collection.anki2'),
    log: (message) => process.stderr.write(`${message}\n`),
    ...options,
  });
  const close = async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { engine, folder, close };
}

/** Waits until an engine has closed its collection because nobody used it. SQLite then deletes its log. */
export const collectionClosed = ({ place }: Engine): Promise<void> =>
  eventually(() => expect(existsSync(`${place}-wal`)).toBe(false));
