import { Engine } from '../../src/backends/engine/engine.ts';
import type { EngineOptions } from '../../src/backends/engine/options.ts';
import { temporaryEngine } from './collection.ts';
import { note } from './countable-writes.ts';
import { faultyPython } from './host-python.ts';

/** Number of engine calls that addNote makes before add_notes. */
export const stepOfAddNote = 4;

/** Opens a collection with a host process that fails on demand. */
export async function faultyEngine(options: Partial<EngineOptions> = {}) {
  const python = await faultyPython();
  const temporary = temporaryEngine({ python: python.path, ...options });
  // The first write stores the start of the day, and the first search notices it.
  const first = new Engine({ collection: temporary.engine.place, log: () => {} });
  await first.call('clearUnusedTags', {});
  await first.close();
  await temporary.engine.call('findNotes', { query: '' });
  const add = (word: string) => temporary.engine.call('addNote', { note: note(word) });
  const times = async (word: string) =>
    (await temporary.engine.call('findNotes', { query: `front:${word}` })).length;
  return { ...temporary, ...python, add, times };
}
