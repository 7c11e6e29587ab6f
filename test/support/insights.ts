import { afterEach, beforeEach } from 'vitest';
import type { Backend } from '../../src/contract/backend.ts';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { manifest } from '../../src/tools/manifest.ts';
import { Assistant } from './assistant.ts';
import { temporaryEngine } from './collection.ts';

/** Anki's engine on a new collection with the decks A and B, made for each test of the importing file. */
export let engine: Engine;
/** The folder of the collection. */
export let folder: string;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ engine, folder, close } = temporaryEngine());
  await engine.call('createDeck', { deck: 'A' });
  await engine.call('createDeck', { deck: 'B' });
});

afterEach(() => close());

/** Calls insights. Returns its result and its text, which is the message of an error. */
export async function ask(args: object = {}, backend: Backend = engine) {
  const assistant = await Assistant.of(backend, { tools: manifest() });
  const { text, isError } = await assistant.call('insights', { ...args });
  await assistant.close();
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- every test checks the fields it reads
  const result = isError ? {} : JSON.parse(text).result;
  return { text, result, bytes: Buffer.byteLength(text) };
}

export const add = (deckName: string, Front: string, more: { tags?: string[]; Back?: string } = {}) =>
  engine.call('addNote', {
    note: {
      deckName,
      modelName: 'Basic',
      fields: { Front, Back: more.Back ?? 'b' },
      tags: more.tags ?? [],
      options: { allowDuplicate: true },
    },
  });
