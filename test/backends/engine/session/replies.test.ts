import { expect, onTestFinished, test, vi } from 'vitest';
import { Host } from '../../../../src/backends/engine/process/host.ts';
import { guardedServer } from '../../../support/guarded-server.ts';

/** Counts the requests to the engine, and those that waited for the reply to an earlier one. */
function countRequests() {
  const sent = { requests: 0, roundTrips: 0 };
  let answered = 0;
  const follow = async <T>(reply: Promise<T>): Promise<T> => {
    const depth = answered + 1;
    sent.requests += 1;
    sent.roundTrips = Math.max(sent.roundTrips, depth);
    return reply.finally(() => (answered = Math.max(answered, depth)));
  };
  // oxlint-disable-next-line typescript/unbound-method -- each is called with the host on which the spy was called
  const { call, query, begin, rollback } = Host.prototype;
  const spies = [
    vi.spyOn(Host.prototype, 'call').mockImplementation(function (this: Host, ...args) {
      // The check whether a slow engine is alive depends on the clock.
      return args[0] === 'latest_progress' ? call.apply(this, args) : follow(call.apply(this, args));
    }),
    vi.spyOn(Host.prototype, 'query').mockImplementation(function (this: Host, ...args) {
      return follow(query.apply(this, args));
    }),
    vi.spyOn(Host.prototype, 'begin').mockImplementation(function (this: Host) {
      return follow(begin.apply(this));
    }),
    vi.spyOn(Host.prototype, 'rollback').mockImplementation(function (this: Host) {
      return follow(rollback.apply(this));
    }),
  ];
  const stop = () => {
    for (const spy of spies) spy.mockRestore();
  };
  onTestFinished(stop);
  return async (work: () => Promise<unknown>) => {
    Object.assign(sent, { requests: 0, roundTrips: 0 });
    answered = 0;
    await work();
    return { ...sent };
  };
}

const noteWith = (Front: string, deckName = 'D', modelName = 'Basic') => ({
  deckName,
  modelName,
  fields: { Front, Back: 'x' },
});

test('addNote takes 3 requests to the engine, and saveNotes of one note 8', async () => {
  const { assistant, engine } = await guardedServer(undefined);
  const count = countRequests();
  await engine.call('createDeck', { deck: 'D' });
  const add = (front: string) => assistant.call('addNote', { note: noteWith(front) });
  const save = (front: string) => assistant.call('saveNotes', { notes: [noteWith(front)] });
  await add('a');
  expect(await count(() => add('b'))).toEqual({ requests: 3, roundTrips: 3 });
  await save('c');
  expect(await count(() => save('d'))).toEqual({ requests: 8, roundTrips: 6 });
});

test('a search takes 1 request to the engine once something was written, and stores nothing before', async () => {
  const { engine } = await guardedServer(undefined);
  const count = countRequests();
  const search = () => engine.call('findCards', { query: 'is:due' });
  await search();
  expect(await count(search)).toMatchObject({ requests: 4 });
  await engine.call('createDeck', { deck: 'D' });
  expect(await count(search)).toEqual({ requests: 1, roundTrips: 1 });
});

test('what any call changed in decks, options groups and note types is seen by the next one', async () => {
  const { assistant, engine } = await guardedServer(undefined);
  const fieldNames = () => engine.call('modelFieldNames', { modelName: 'Basic' });
  const warm = async () => {
    await engine.call('deckNames', {});
    await engine.call('modelNames', {});
    await fieldNames();
  };
  await warm();
  await engine.call('createDeck', { deck: 'New' });
  expect(await engine.call('deckNames', {})).toEqual(['Default', 'New']);
  expect((await assistant.call('addNote', { note: noteWith('a', 'New') })).isError).toBe(false);
  await engine.call('deleteDecks', { decks: ['New'], cardsToo: true });
  expect((await assistant.call('addNote', { note: noteWith('b', 'New') })).text).toContain(
    'deck was not found',
  );

  await warm();
  await engine.call('modelFieldRename', { modelName: 'Basic', oldFieldName: 'Back', newFieldName: 'Other' });
  expect(await fieldNames()).toEqual(['Front', 'Other']);
  await engine.call('modelFieldAdd', { modelName: 'Basic', fieldName: 'More', index: 0 });
  expect(await fieldNames()).toEqual(['More', 'Front', 'Other']);
  await engine.call('modelFieldReposition', { modelName: 'Basic', fieldName: 'More', index: 2 });
  expect(await fieldNames()).toEqual(['Front', 'Other', 'More']);
  await engine.call('guiUndo', {});
  expect(await fieldNames()).toEqual(['More', 'Front', 'Other']);

  const id = Number(await engine.call('cloneDeckConfigId', { name: 'Group' }));
  await engine.call('getDeckConfig', { deck: 'Default' });
  await engine.call('setDeckConfigId', { decks: ['Default'], configId: id });
  expect(await engine.call('getDeckConfig', { deck: 'Default' })).toMatchObject({ id, name: 'Group' });
  await engine.call('removeDeckConfigId', { configId: id });
  expect(await engine.call('getDeckConfig', { deck: 'Default' })).toMatchObject({ name: 'Default' });
});

test('a deck that getDeckStats adds is seen by the next call', async () => {
  const { engine } = await guardedServer(undefined);
  expect(await engine.call('deckNames', {})).toEqual(['Default']);
  await engine.call('getDeckStats', { decks: ['Absent'] });
  expect(await engine.call('deckNames', {})).toEqual(['Absent', 'Default']);
});
