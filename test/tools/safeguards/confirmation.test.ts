import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { addNotes, cardsIn, guardedServer, series, type UserReply } from '../../support/guarded-server.ts';

test('asks before deleting decks, with counts, and deletes after confirmation', async () => {
  const { assistant, engine, questions } = await guardedServer('accept');
  await addNotes(engine, 'Old', series('o', 3));
  await addNotes(engine, 'Old::Child', ['c']);
  await addNotes(engine, 'Older', ['x']);
  const [card = 0] = await cardsIn(engine, 'Old::Child');
  await engine.call('answerCards', { answers: [{ cardId: card, ease: 3 }] });
  const { isError } = await assistant.call('deleteDecks', {
    decks: ['Old', 'Older', 'None'],
    cardsToo: true,
  });
  expect(isError).toBe(false);
  expect(questions).toEqual([
    'Delete 2 decks (Old, Older) and 1 child deck with 5 cards, 1 of them reviewed?',
  ]);
  expect(await engine.call('deckNames', {})).toEqual(['Default']);
});

test.each<UserReply>(['decline', 'cancel'])(
  'after the reply %s nothing is changed, and the result says so',
  async (reply) => {
    const { assistant, engine, questions, backups } = await guardedServer(reply, { backup: 'auto' });
    const notes = await addNotes(engine, 'D', ['<b>dog</b>', 'cat', `long ${'x'.repeat(80)}`, 'cow']);
    const { isError, text } = await assistant.call('deleteNotes', { notes: [...notes, 1] });
    expect(isError).toBe(true);
    expect(text).toContain('declined: nothing was changed');
    expect(questions).toHaveLength(1);
    expect(questions[0]).toMatch(
      /^Delete 4 notes \(".*", ".*", ".*", …\) with 4 cards, none of them reviewed\?$/,
    );
    expect(questions[0]).toContain('dog');
    expect(questions[0]).not.toContain('<b>');
    expect(questions[0]).not.toContain('x'.repeat(40));
    expect(await cardsIn(engine, 'D')).toHaveLength(4);
    expect(backups()).toEqual([]);
  },
);

test('without elicitation, --confirm auto proceeds and --confirm always refuses', async () => {
  const lenient = await guardedServer(undefined);
  const [note = 0] = await addNotes(lenient.engine, 'D', ['a']);
  expect((await lenient.assistant.call('deleteNotes', { notes: [note] })).isError).toBe(false);
  expect(await cardsIn(lenient.engine, 'D')).toEqual([]);

  const strict = await guardedServer(undefined, { confirm: 'always', backup: 'auto' });
  const notes = await addNotes(strict.engine, 'D', ['a']);
  const { isError, text } = await strict.assistant.call('deleteNotes', { notes });
  expect(isError).toBe(true);
  expect(text).toMatch(/Nothing was changed: .*--confirm always.* Delete 1 note \("a"\)/);
  expect(await cardsIn(strict.engine, 'D')).toHaveLength(1);
  expect(strict.backups()).toEqual([]);
});

test('--confirm never does not ask', async () => {
  const { assistant, engine, questions } = await guardedServer('decline', { confirm: 'never' });
  const notes = await addNotes(engine, 'D', ['a']);
  expect((await assistant.call('deleteNotes', { notes })).isError).toBe(false);
  expect(questions).toEqual([]);
});

test('changes nothing if the client fails to ask', async () => {
  const { assistant, engine } = await guardedServer('accept');
  assistant.client.setRequestHandler(ElicitRequestSchema, () => {
    throw new Error('no window');
  });
  const notes = await addNotes(engine, 'D', ['a']);
  const { isError, text } = await assistant.call('deleteNotes', { notes });
  expect(isError).toBe(true);
  expect(text).toMatch(/^Nothing was changed: the user could not be asked .*no window/);
  expect(await cardsIn(engine, 'D')).toHaveLength(1);
});

test('cancelling a call withdraws its question and changes nothing', async () => {
  const { assistant, engine } = await guardedServer('accept');
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  await assistant.call('deleteNotes', { notes: [first] }); // the SDK's client cannot withdraw a request with the id 0
  const controller = new AbortController();
  const withdrawn = new Promise<void>((resolve) => {
    assistant.client.setRequestHandler(ElicitRequestSchema, (_, { signal }) => {
      signal.addEventListener('abort', () => resolve());
      controller.abort();
      return new Promise(() => {});
    });
  });
  const call = assistant.call('deleteNotes', { notes: [second] }, { signal: controller.signal });
  await expect(call).rejects.toThrow('aborted');
  await withdrawn;
  expect(await cardsIn(engine, 'D')).toHaveLength(1);
});

test('asks before each sync until the full sync that --sync-full allows was carried out', async () => {
  const { assistant, questions } = await guardedServer('accept', {}, undefined, undefined, {
    sync: { full: 'download' },
  });
  await assistant.call('sync');
  await assistant.call('sync');
  const question =
    'Sync, and if a full sync is needed, overwrite this collection (without cards) with the collection on the server, without a backup (--backup never)?';
  expect(questions).toEqual([question, question]);
});

test('does not ask, and makes no backup, if nothing would be changed', async () => {
  const { assistant, questions, backups } = await guardedServer('decline', { backup: 'auto' });
  expect((await assistant.call('deleteDecks', { decks: ['None'], cardsToo: true })).isError).toBe(false);
  expect((await assistant.call('deleteNotes', { notes: [1] })).isError).toBe(false);
  expect((await assistant.call('modelFieldRemove', { modelName: 'None', fieldName: 'x' })).text).toContain(
    'None',
  );
  expect([...questions, ...backups()]).toEqual([]);
});

test('asks before changing more than twenty cards, in one call or in the calls of a batch', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  await addNotes(engine, 'D', series('n', 21));
  const cards = await cardsIn(engine, 'D');
  expect((await assistant.call('setDueDate', { cards: cards.slice(1), days: '3' })).isError).toBe(false);
  const missing = [1, 2, 3];
  expect((await assistant.call('relearnCards', { cards: [...cards.slice(1), ...missing] })).isError).toBe(
    false,
  );
  expect(questions).toEqual([]);
  const forget = (part: readonly number[]) => ({ action: 'forgetCards', params: { cards: part } });
  const actions = [forget(cards.slice(0, 11)), forget(cards.slice(11))];
  expect((await assistant.call('multi', { actions })).isError).toBe(true);
  expect((await assistant.call('setDueDate', { cards, days: '5' })).isError).toBe(true);
  expect(questions).toEqual([
    expect.stringMatching(
      /^Make 21 cards \("n \d+", "n \d+", "n \d+", …\), none of them reviewed, new again/,
    ),
    expect.stringMatching(/^Make 21 cards \(.*\), none of them reviewed, due in 5 days\?$/),
  ]);
});
