import { expect, test } from 'vitest';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { backendDouble } from '../../support/backend-double.ts';
import { addNotes, cardsIn, guardedServer, series } from '../../support/guarded-server.ts';

/** Calls a tool while the collection is changed during the first question. */
async function calling(
  prepare: (engine: Engine) => Promise<unknown>,
  whileAsked: (engine: Engine) => Promise<unknown>,
) {
  const server = await guardedServer(async (_, count) => {
    if (count === 1) await whileAsked(server.engine);
    return 'accept';
  });
  await prepare(server.engine);
  return server;
}

const refusal = /^Nothing was changed: what this call works on was changed by someone else meanwhile/;
const rename = async (engine: Engine, name: string, to: string) => {
  const decks = await engine.operate('decks', {});
  const id = decks.find((deck) => deck.name === name)?.id ?? 0;
  await engine.operate('renameDeck', { id, name: to });
};

test.each(['From', 'To'])('decks merges nothing if the deck %s was renamed meanwhile', async (renamed) => {
  const { assistant, engine } = await calling(
    async (collection) => {
      await addNotes(collection, 'From', ['one']);
      await addNotes(collection, 'To', ['two']);
    },
    (collection) => rename(collection, renamed, 'Other'),
  );
  const { isError, text } = await assistant.call('decks', { action: 'merge', deck: 'From', to: 'To' });
  expect(isError).toBe(true);
  expect(text).toContain(`"${renamed}" does not exist`);
  const expected = ['Default', 'From', 'Other', 'To'].filter((name) => name !== renamed);
  expect((await engine.call('deckNames', {})).toSorted()).toEqual(expected);
});

test('decks asks again about a merge if a card or a child deck was added meanwhile', async () => {
  const { assistant, engine, questions } = await calling(
    async (collection) => {
      await addNotes(collection, 'From', ['one']);
      await addNotes(collection, 'To::Child', ['two']);
    },
    (collection) => addNotes(collection, 'From::Child', ['three']),
  );
  const { result } = await assistant.call('decks', { action: 'merge', deck: 'From', to: 'To' });
  expect(questions).toEqual([
    expect.stringContaining('Move 1 card of "From" into "To" and remove 1 deck'),
    expect.stringContaining('Move 2 cards of "From" into "To" and remove 2 decks'),
  ]);
  expect(result).toMatchObject({ cards: 2, removed: expect.arrayContaining(['From', 'From::Child']) });
  expect(await cardsIn(engine, 'To')).toHaveLength(3);
});

test('deckOptions does not take back what somebody else changes in the preset just before it saves', async () => {
  const { assistant, engine } = await guardedServer(undefined, {}, async (collection) => ({
    ...backendDouble((name, params, options) => collection.request(name, params, options)),
    together: async (work, options) => {
      const config = await collection.call('getDeckConfig', { deck: 'Default' });
      if (config !== false) await collection.call('saveDeckConfig', { config: { ...config, maxTaken: 77 } });
      return collection.together(work, options);
    },
  }));
  const set = { 'new.perDay': 5 };
  const { text } = await assistant.call('deckOptions', { deck: 'Default', set, shared: true });
  expect(text).toMatch(refusal);
  const config = await engine.call('getDeckConfig', { deck: 'Default' });
  expect(config).toMatchObject({ maxTaken: 77, new: { perDay: 20 } });
});

test('changeCards creates no deck of the old name if the target was renamed meanwhile', async () => {
  const { assistant, engine } = await calling(
    async (collection) => {
      await addNotes(collection, 'D', series('note', 120));
      await collection.call('createDeck', { deck: 'Target' });
    },
    (collection) => rename(collection, 'Target', 'Other'),
  );
  const { isError, text } = await assistant.call('changeCards', { query: 'deck:D', deck: 'Target' });
  expect(isError).toBe(true);
  expect(text).toMatch(refusal);
  expect(await engine.call('deckNames', {})).not.toContain('Target');
  expect(await cardsIn(engine, 'D')).toHaveLength(120);
});

test('editTags renames nothing if another note got the tag meanwhile', async () => {
  const { assistant, engine } = await calling(
    async (collection) => {
      const notes = await addNotes(collection, 'D', series('note', 120));
      await collection.call('addTags', { notes, tags: 'old' });
    },
    async (collection) =>
      collection.call('addTags', { notes: await addNotes(collection, 'D', ['new']), tags: 'old' }),
  );
  const { isError, text } = await assistant.call('editTags', { rename: { new: ['old'] } });
  expect(isError).toBe(true);
  expect(text).toMatch(refusal);
  expect(await engine.call('getTags', {})).not.toContain('new');
});

test('fsrs changes nothing if the preset of the deck was changed meanwhile', async () => {
  const { assistant, engine } = await calling(
    (collection) => addNotes(collection, 'D', series('note', 30)),
    async (collection) => {
      const configId = await collection.call('cloneDeckConfigId', { name: 'Own', cloneFrom: 1 });
      if (configId !== false) await collection.call('setDeckConfigId', { decks: ['D'], configId });
    },
  );
  const args = { action: 'set', deck: 'D', retention: 0.8, apply: true };
  const { isError, text } = await assistant.call('fsrs', args);
  expect(isError).toBe(true);
  expect(text).toMatch(refusal);
  for (const deck of ['D', 'Default'])
    expect(await engine.call('getDeckConfig', { deck })).toMatchObject({ desiredRetention: 0.9 });
});
