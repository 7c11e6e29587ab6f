import { expect } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';

/** What a call of the check reports besides problems. */
const noProblem =
  /^Anki found no problems|^Anki's undo list is empty| was (?:replaced by another file|overwritten) by another program /;

/** Runs Anki's own database check and returns the problems that it found and repaired. */
export async function problemsOf(engine: Engine): Promise<string> {
  const sentences: string[] = [];
  await engine.call('guiCheckDatabase', {}, { report: (sentence) => sentences.push(sentence) });
  expect(sentences.length).toBeGreaterThan(0);
  return sentences.filter((sentence) => !noProblem.test(sentence)).join(' ');
}

/** Expects that Anki's own database check finds no problem. */
export async function expectIntact(engine: Engine): Promise<void> {
  expect(await problemsOf(engine)).toBe('');
}
