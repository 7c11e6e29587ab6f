import { afterAll, beforeAll, expect, test } from 'vitest';
import { pythonJson } from '../../src/anki-connect/python-json.ts';
import { startApi, type Api } from '../support/api.ts';
import { temporaryEngine } from '../support/collection.ts';

const { engine, close } = temporaryEngine();
let api: Api;
let cards: readonly number[];
let notes: readonly number[];

beforeAll(async () => {
  api = await startApi(engine);
  await engine.call('addNotes', {
    notes: Array.from({ length: 600 }, (_, index) => ({
      deckName: 'Default',
      modelName: 'Basic',
      fields: { Front: `front ${index} é "quoted"`, Back: 'b'.repeat(index * 3) },
    })),
  });
  cards = await engine.call('findCards', { query: '' });
  notes = await engine.call('findNotes', { query: '' });
});
afterAll(async () => {
  await api.close();
  await close();
});

test.each([
  ['cardsInfo', () => ({ cards: [5, ...cards, 6] })],
  ['notesInfo', () => ({ notes: [5, ...notes, 6] })],
  ['notesInfo', () => ({ query: 'deck:Default' })],
  ['notesInfo', () => ({ query: 'deck:Missing' })],
] as const)('a long %s has the same bytes as its value printed at once', async (name, params) => {
  const result = pythonJson(await engine.request(name, params()));
  expect(await api.ask({ action: name, params: params() })).toBe(result);
  const reply = `{"result": ${result}, "error": null}`;
  expect(await api.ask({ action: name, version: 6, params: params() })).toBe(reply);
  const actions = [
    { action: name, version: 6, params: params() },
    { action: 'version' },
    { action: 'none', version: 6 },
  ];
  expect(await api.ask({ action: 'multi', params: { actions } })).toBe(
    `[${reply}, 6, {"result": null, "error": "unsupported action"}]`,
  );
});

test('other clients are answered between the parts of a long read, and a second long read after the first', async () => {
  const ended: string[] = [];
  const ask = (name: string, request: object) => api.ask(request).then(() => ended.push(name));
  await Promise.all([
    ask('first', { action: 'cardsInfo', params: { cards } }),
    ask('second', { action: 'cardsInfo', params: { cards: cards.slice(0, 51) } }),
    ask('read', { action: 'deckNames' }),
    ask('write', { action: 'createDeck', params: { deck: 'New' } }),
  ]);
  expect(ended.toSorted()).toEqual(['first', 'read', 'second', 'write']);
  expect(ended.indexOf('read')).toBeLessThan(ended.indexOf('first'));
  expect(ended.indexOf('write')).toBeLessThan(ended.indexOf('first'));
  expect(ended.indexOf('first')).toBeLessThan(ended.indexOf('second'));
});
