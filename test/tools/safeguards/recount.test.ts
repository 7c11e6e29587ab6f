import { expect, test } from 'vitest';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { addNotes, cardsIn, guardedServer, series, type Answer } from '../../support/guarded-server.ts';

/** Returns an answer that changes the collection while the user reads, and the function that sets the change. */
function changing() {
  let change: (count: number) => Promise<unknown> = async () => {};
  const answer: Answer = async (_, count) => {
    await change(count);
    return 'accept';
  };
  return { answer, whileReading: (next: typeof change) => void (change = next) };
}

const addOne = (engine: Engine, deck: string, front: string) => addNotes(engine, deck, [front]);

test('asks again with the new count if a deck was filled while the user read the question', async () => {
  const { answer, whileReading } = changing();
  const { assistant, engine, questions, backups } = await guardedServer(answer, { backup: 'auto' });
  await engine.call('createDeck', { deck: 'D' });
  whileReading(async (count) => {
    if (count === 1) await addNotes(engine, 'D', series('new', 3));
  });
  expect((await assistant.call('deleteDecks', { decks: ['D'], cardsToo: true })).isError).toBe(false);
  expect(questions).toEqual([
    'Delete 1 deck (D) without cards?',
    'Delete 1 deck (D) with 3 cards, none of them reviewed?',
  ]);
  expect(await engine.call('deckNames', {})).toEqual(['Default']);
  expect(backups()).toHaveLength(1);
});

test('refuses a call whose effect changes during each of three questions', async () => {
  const { answer, whileReading } = changing();
  const { assistant, engine, questions } = await guardedServer(answer);
  await addOne(engine, 'D', 'first');
  whileReading((count) => addOne(engine, 'D', `new ${count}`));
  const { isError, text } = await assistant.call('deleteDecks', { decks: ['D'], cardsToo: true });
  expect(isError).toBe(true);
  expect(text).toMatch(/^Nothing was changed: the user agreed 3 times/);
  expect(questions).toHaveLength(3);
  expect(await cardsIn(engine, 'D')).toHaveLength(4);
});

test('asks again if the text of a note changed while the user read the question', async () => {
  const { answer, whileReading } = changing();
  const { assistant, engine, questions } = await guardedServer(answer);
  const [note = 0] = await addOne(engine, 'D', 'before');
  whileReading(() => engine.call('updateNoteFields', { note: { id: note, fields: { Front: 'after' } } }));
  expect((await assistant.call('deleteNotes', { notes: [note] })).isError).toBe(false);
  expect(questions).toEqual([
    expect.stringContaining('Delete 1 note ("before")'),
    expect.stringContaining('Delete 1 note ("after")'),
  ]);
});

test('asks again if note types without notes were added while the user read the question', async () => {
  const { answer, whileReading } = changing();
  const { assistant, engine, questions } = await guardedServer(answer);
  whileReading(async (count) => {
    if (count > 1) return;
    await engine.call('createModel', {
      modelName: 'Made meanwhile',
      inOrderFields: ['A'],
      cardTemplates: [{ Front: '{{A}}', Back: '' }],
    });
  });
  expect((await assistant.call('removeEmptyNotes')).isError).toBe(false);
  expect(questions).toEqual([
    expect.stringMatching(/^Delete 6 note types/),
    expect.stringMatching(/^Delete 7 note types/),
  ]);
});

test('does not ask again if fewer notes are affected than the user agreed to', async () => {
  const { answer, whileReading } = changing();
  const { assistant, engine, questions } = await guardedServer(answer);
  const notes = await addNotes(engine, 'D', series('n', 3));
  whileReading(() => engine.call('deleteNotes', { notes: notes.slice(1) }));
  expect((await assistant.call('deleteDecks', { decks: ['D'], cardsToo: true })).isError).toBe(false);
  expect(questions).toHaveLength(1);
});

test('changes nothing if the user declines the second question', async () => {
  let made = 0;
  const { assistant, engine } = await guardedServer(async (_, count) => {
    if (count > 1) return 'decline';
    made = (await addOne(engine, 'D', 'new')).length;
    return 'accept';
  });
  await addOne(engine, 'D', 'old');
  const { text } = await assistant.call('deleteDecks', { decks: ['D'], cardsToo: true });
  expect(text).toContain('declined: nothing was changed');
  expect(await cardsIn(engine, 'D')).toHaveLength(1 + made);
});
