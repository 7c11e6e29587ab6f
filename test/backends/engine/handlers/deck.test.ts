import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryEngine } from '../../../support/collection.ts';

let temporary: ReturnType<typeof temporaryEngine>;
beforeEach(() => {
  temporary = temporaryEngine();
});
afterEach(() => temporary.close());

test('saveDeckConfig fills empty parts of an options group with defaults, as Anki does', async () => {
  const { engine } = temporary;
  const id = Number(await engine.call('cloneDeckConfigId', { name: 'Part' }));
  await engine.call('setDeckConfigId', { decks: ['Default'], configId: id });
  const config = { id, name: 'Part', maxTaken: 60, autoplay: true, timer: 0, new: {}, rev: {}, lapse: {} };
  expect(await engine.request('saveDeckConfig', { config })).toBe(true);
  expect(await engine.call('getDeckConfig', { deck: 'Default' })).toMatchObject({
    id,
    usn: -1,
    new: { perDay: 20, initialFactor: 2500 },
    rev: { maxIvl: 36_500 },
    lapse: { leechFails: 8 },
  });
});

test('saveDeckConfig answers false to a text that cannot be stored', async () => {
  const { engine } = temporary;
  const found = await engine.call('getDeckConfig', { deck: 'Default' });
  const config = { ...found, name: '\ud800' };
  expect(await engine.request('saveDeckConfig', { config })).toBe(false);
  expect(await engine.call('getDeckConfig', { deck: 'Default' })).toEqual(found);
});

test('removeDeckConfigId assigns the default group to its decks, so that they can be exported', async () => {
  const { engine, folder } = temporary;
  await engine.call('createDeck', { deck: 'D' });
  const configId = Number(await engine.call('cloneDeckConfigId', { name: 'Mine' }));
  await engine.call('setDeckConfigId', { decks: ['D'], configId });
  expect(await engine.call('removeDeckConfigId', { configId })).toBe(true);
  const path = join(folder, 'D.apkg');
  expect(await engine.call('exportPackage', { deck: 'D', path, includeSched: true })).toBe(true);
});
