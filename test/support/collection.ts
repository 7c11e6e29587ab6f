import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine, type EngineOptions } from '../../src/backends/engine/engine.ts';

/** An engine on a new collection in a folder of its own, which `close` removes. */
export function temporaryEngine(options: Partial<EngineOptions> = {}): {
  engine: Engine;
  folder: string;
  close: () => Promise<void>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'ankiwright-'));
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
