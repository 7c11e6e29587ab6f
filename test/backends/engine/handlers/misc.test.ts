import { afterEach, beforeEach, expect, test } from 'vitest';
import { refusal, reply } from '../../../../src/anki-connect/envelope.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import type { Json } from '../../../../src/lib/json.ts';

let temporary: ReturnType<typeof temporaryEngine>;
beforeEach(() => {
  temporary = temporaryEngine();
});
afterEach(() => temporary.close());

const create = (deck: string) => ({ action: 'createDeck', params: { deck } });
const decks = (count: number) => Array.from({ length: count }, (_, index) => create(`D${index}`));
const multi = (actions: Json) => temporary.engine.request('multi', { actions });

test('a result has no envelope up to version 4; an error always has one', () => {
  expect([reply(1), reply(1, 4), reply(1, -1), reply(1, true), reply(1, 3n)]).toEqual([1, 1, 1, 1, 1]);
  expect([reply(1, 5), reply(1, 4.5), reply(null, 100)]).toEqual([
    { result: 1, error: null },
    { result: 1, error: null },
    { result: null, error: null },
  ]);
  expect(refusal(new Error('no'))).toEqual({ result: null, error: 'no' });
});

test('a batch replies to invalid requests as Anki-Connect does', async () => {
  const requests = [
    [
      { action: 'createDeck', params: { deck: 'A' }, version: null },
      "'<=' not supported between instances of 'NoneType' and 'int'",
    ],
    [{ action: 'version', version: '6' }, "'<=' not supported between instances of 'str' and 'int'"],
    [
      { action: 'version', params: null },
      '2055492159.AnkiConnect.version() argument after ** must be a mapping, not NoneType',
    ],
    [{ action: 7 }, 'unsupported action'],
    [{ action: 'version', key: '' }, 'valid api key must be provided'],
    [
      { action: 'requestPermission' },
      "AnkiConnect.requestPermission() missing 2 required positional arguments: 'origin' and 'allowed'",
    ],
    [{ action: 'multi', params: { actions: ['x'] } }, "'str' object has no attribute 'get'"],
  ] as const;
  expect(await multi(requests.map(([request]) => request))).toEqual(
    requests.map(([, error]) => refusal(error)),
  );
  expect(await temporary.engine.call('deckNames', {})).toEqual(['A', 'Default']);
  expect(
    await multi([
      { action: 'version', key: null, version: true },
      { action: 'version', version: 4.5 },
    ]),
  ).toEqual([6, { result: 6, error: null }]);
});

test.each([
  [null, "'NoneType' object is not iterable"],
  [[null], "'NoneType' object has no attribute 'get'"],
  ['ab', "'str' object has no attribute 'get'"],
])('a batch of %j is refused', async (actions, error) => {
  await expect(multi(actions)).rejects.toThrow(error);
});

test('a cancelled batch stops after the current request', async () => {
  await temporary.engine.call('version', {}); // opens the collection
  const called = temporary.engine.call(
    'multi',
    { actions: decks(5000) },
    { signal: AbortSignal.timeout(30) },
  );
  await expect(called).rejects.toThrow('aborted');
  expect((await temporary.engine.call('deckNames', {})).length).toBeLessThan(5001);
});

test('a batch of any length is one undo step', async () => {
  await temporary.engine.call('createDeck', { deck: 'Before' });
  await multi(decks(70));
  expect(await temporary.engine.call('deckNames', {})).toHaveLength(72);
  await temporary.engine.call('guiUndo', {});
  expect(await temporary.engine.call('deckNames', {})).toEqual(['Before', 'Default']);
});

test('a nested batch belongs to the same undo step', async () => {
  await multi([
    create('A'),
    { action: 'multi', params: { actions: [create('B'), create('C')] } },
    create('D'),
  ]);
  await temporary.engine.call('guiUndo', {});
  expect(await temporary.engine.call('deckNames', {})).toEqual(['Default']);
});
