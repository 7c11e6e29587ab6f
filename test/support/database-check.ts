import { expect } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';

/** Runs Anki's own database check and returns the problems that it found and repaired. */
export async function problemsOf(engine: Engine): Promise<string> {
  const messages: string[] = [];
  await engine.call('guiCheckDatabase', {}, { progress: (message) => messages.push(message) });
  // A long check also reports its progress.
  return messages.filter((message) => !/ \d+\/\d+$/.test(message)).join(' ');
}

/** Expects that Anki's own database check finds no problem. */
export async function expectIntact(engine: Engine): Promise<void> {
  expect(await problemsOf(engine)).toBe('');
}
