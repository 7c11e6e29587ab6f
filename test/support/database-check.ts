import { expect } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';

/** What Anki's own check of the database found and mended. */
export async function problemsOf(engine: Engine): Promise<string> {
  const told: string[] = [];
  await engine.call('guiCheckDatabase', {}, { progress: (message) => told.push(message) });
  // A check that takes long also tells how far it is.
  return told.filter((message) => !/ \d+\/\d+$/.test(message)).join(' ');
}

/** Anki's own check of the database finds nothing to mend. */
export async function expectIntact(engine: Engine): Promise<void> {
  expect(await problemsOf(engine)).toBe('');
}
