import { afterEach, expect, test } from 'vitest';
import { AnkiConnect } from '../../src/backends/desktop/client.ts';
import { categories } from '../../src/contract/index.ts';
import { chooseTools, coreActions } from '../../src/tools/toolsets.ts';
import { manifest } from '../../src/tools/manifest.ts';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';

const all = manifest();
const names = all.map(({ name }) => name);
const byCategory = Object.fromEntries(
  Object.entries(categories).map(([name, group]) => [name, Object.keys(group)]),
);
const choose = (choice: object) => chooseTools(all, byCategory, { readOnly: false, ...choice }).offered;
const coreSize = coreActions.length + names.length - Object.values(byCategory).flat().length;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function assistantOn(choice: object = {}): Promise<Assistant> {
  const { engine, close } = temporaryEngine();
  const assistant = await Assistant.of(engine, { tools: choose(choice) });
  closing.push(() => assistant.close(), close);
  return assistant;
}

test('the error for wrong arguments contains the path, the expected type and a similar name', async () => {
  const assistant = await assistantOn();
  const note = { deckname: 'Default', modelName: 'Basic', fields: { Front: {} } };
  const { isError, text } = await assistant.call('addNote', { note });
  expect(isError).toBe(true);
  expect(text).toContain(
    'note: unknown member "deckname"; did you mean "deckName"? known members: deckName, modelName',
  );
  expect(text).toContain('note.fields.Front: expected string, received object');
  const { text: second } = await assistant.call('adNote');
  expect(second).toContain('did you mean "addNote"?');
});

test('returns integers beyond 2^53 as strings with all digits', async () => {
  const assistant = await assistantOn();
  const { result, text } = await assistant.call('findModelsByName', { modelNames: ['Basic'] });
  const ids = [...text.matchAll(/"id":"(-?\d{16,})"/g)];
  expect(ids.length).toBeGreaterThanOrEqual(2);
  expect(JSON.parse(text)).toEqual({ result });
});

test('--read-only offers no tool that changes anything, also not inside multi', async () => {
  const assistant = await assistantOn({ readOnly: true });
  const { tools } = await assistant.client.listTools();
  expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true)).toEqual([]);
  expect((await assistant.call('createDeck', { deck: 'X' })).isError).toBe(true);
  const batch = [{ action: 'multi', params: { actions: [{ action: 'createDeck', params: { deck: 'X' } }] } }];
  for (const actions of [batch, [{ action: 'createDeck', params: { deck: 'X' } }]]) {
    expect((await assistant.call('multi', { actions })).isError).toBe(true);
  }
  expect((await assistant.call('deckNames')).result).toEqual(['Default']);
});

test('multi runs nothing if a child call is excluded or has wrong arguments', async () => {
  const assistant = await assistantOn({ exclude: ['deleteDecks'] });
  const create = { action: 'createDeck', params: { deck: 'X' } };
  const excluded = await assistant.call('multi', {
    actions: [create, { action: 'deleteDecks', params: { decks: ['X'], cardsToo: true } }],
  });
  expect(excluded.text).toContain('actions[1]: The tool "deleteDecks" does not exist or is disabled');
  const nested = await assistant.call('multi', {
    actions: [{ action: 'multi', params: { actions: [{ action: 'deckNames', params: { x: 1 } }] } }],
  });
  expect(nested.text).toContain('actions[0]: actions[0]:');
  expect((await assistant.call('deckNames')).result).toEqual(['Default']);
  const batch = await assistant.call('multi', { actions: [create, { action: 'version' }] });
  expect(batch.result).toEqual([
    { result: expect.any(Number), error: null },
    { result: 6, error: null },
  ]);
});

test.each([
  [{ toolsets: ['core'] }, coreSize],
  [{ tools: ['version', 'sync'] }, 2],
  [{ toolsets: ['core'], tools: ['version'], exclude: ['saveNotes'] }, coreSize],
  [{ tools: ['version', 'sync'], readOnly: true }, 1],
  [{}, names.length],
])('%j offers %i tools', (choice, count) => {
  expect(choose(choice)).toHaveLength(count);
});

test('answers 20 parallel calls', async () => {
  const assistant = await assistantOn();
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, index) => assistant.call('createDeck', { deck: `D${index}` })),
  );
  expect(results.filter(({ isError }) => isError)).toEqual([]);
  expect((await assistant.call('deckNames')).result).toHaveLength(21);
});

test('the error for an unreachable Anki says what to do', async () => {
  const backend = new AnkiConnect({ url: 'http://127.0.0.1:9' });
  const assistant = await Assistant.of(backend);
  closing.push(() => assistant.close());
  const { isError, text } = await assistant.call('addNote', {
    note: { deckName: 'A', modelName: 'Basic', fields: { Front: 'x' } },
  });
  expect(isError).toBe(true);
  expect(text).toMatch(/Ask the user to start Anki, or to install the add-on/);
});

test('refuses reviews that Anki could not read, before they are sent', async () => {
  const anki = new AnkiConnect({ url: 'http://127.0.0.1:9' });
  const assistant = await Assistant.of(anki);
  closing.push(() => assistant.close());
  const review = (ease: number, interval: number) => [
    1_700_000_000_000,
    1,
    -1,
    ease,
    interval,
    1,
    2500,
    1000,
    1,
  ];
  for (const row of [review(256, 1), review(-1, 1), review(3, 2 ** 31)]) {
    const { text } = await assistant.call('insertReviews', { reviews: [review(3, 1), row] });
    expect(text).toMatch(/reviews\[1\]: ease, intervals or factor are out of the range that Anki can read/);
  }
  expect((await assistant.call('insertReviews', { reviews: [review(3, -600)] })).text).toMatch(/not running/);
});
