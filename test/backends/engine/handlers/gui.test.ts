import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActionName, Output, Params } from '../../../../src/contract/index.ts';
import { collectionClosed, temporaryEngine } from '../../../support/collection.ts';
import { problemsOf } from '../../../support/database-check.ts';

let temporary: ReturnType<typeof temporaryEngine>;
let messages: string[];
beforeEach(() => {
  temporary = temporaryEngine({ idleMs: 100 });
  messages = [];
});
afterEach(() => temporary.close());

const call = <N extends ActionName>(name: N, params: Params<N> = {}): Promise<Output<N>> =>
  temporary.engine.request(name, params, { report: (message) => messages.push(message) });

const add = (Front: string, tags: string[] = []) =>
  call('addNote', { note: { deckName: 'Default', modelName: 'Basic', fields: { Front, Back: 'b' }, tags } });

const selected = () => call('guiSelectedNotes');

const orderBy = (columnId: string, order: string) => ({ reorderCards: { columnId, order } });

test('guiBrowse selects the first row, and a selected card stays selected while it is listed', async () => {
  const [b, a, c] = [await add('b'), await add('a', ['odd']), await add('c', ['odd'])];
  expect(await selected()).toEqual([]);
  expect(await call('guiBrowse')).toEqual([]);
  expect(await selected()).toEqual([a]);
  await call('guiSelectCard', { card: (await call('findCards', { query: 'front:c' }))[0] ?? 0 });
  expect(await selected()).toEqual([c]);
  await call('guiBrowse', { query: 'tag:odd' });
  expect(await selected()).toEqual([c]);
  await collectionClosed(temporary.engine);
  expect(await selected()).toEqual([c]);
  await call('guiBrowse', { query: 'front:b' });
  expect(await selected()).toEqual([b]);
  await call('guiBrowse', { query: 'nowhere' });
  expect(await selected()).toEqual([]);
});

test('guiBrowse sorts as requested; the first sort by some columns is descending', async () => {
  const [, , last] = [await add('b'), await add('a'), await add('c')];
  await call('guiBrowse', { query: 'deck:Default', ...orderBy('noteFld', 'descending') });
  await call('guiSelectCard', { card: 1 });
  await call('guiBrowse', { query: 'deck:Default' });
  expect(await selected()).toEqual([last]);
  await call('guiSelectCard', { card: 1 });
  await call('guiBrowse', orderBy('cardDue', 'ascending'));
  expect(await selected()).toEqual([last]);
  await call('guiSelectCard', { card: 1 });
  await call('guiBrowse', orderBy('cardDue', 'ascending'));
  expect(await selected()).not.toEqual([last]);
});

test('an invalid order still searches; an invalid search keeps the list', async () => {
  const [, b] = [await add('a'), await add('b')];
  await expect(call('guiBrowse', { query: 'front:b', ...orderBy('strange', 'ascending') })).rejects.toThrow(
    'invalid columnId: strange',
  );
  expect(await selected()).toEqual([b]);
  await expect(call('guiBrowse', { query: '(' })).rejects.toThrow('Invalid search');
  await expect(call('guiBrowse', { query: '('.repeat(5000) })).rejects.toThrow('limit');
  expect(await selected()).toEqual([b]);
});

test('actions that need a window say that the engine has none', async () => {
  const note = await add('a');
  await expect(call('guiEditNote', { note })).rejects.toThrow('updateNote');
  expect(await call('guiAddNoteSetData', { note: {} })).toMatchObject({ code: 1 });
  const saying = async (name: ActionName, params: object, sentence: string) => {
    messages = [];
    const result = await call(name, params);
    expect(messages[0], name).toContain(sentence);
    return result;
  };
  const draft = { deckName: 'Default', modelName: 'Basic' };
  expect(await saying('guiAddCards', { note: draft }, 'addNote')).toBe(0);
  expect(await saying('guiBrowse', { query: '' }, 'no windows')).toHaveLength(1);
  expect(await saying('guiSelectCard', { card: 1 }, 'no windows')).toBe(true);
  expect(await saying('guiSelectNote', { note: 1 }, 'no windows')).toBe(true);
  expect(await saying('guiDeckBrowser', {}, 'no windows')).toBe(null);
  expect(await saying('guiDeckOverview', { name: 'Default' }, 'no windows')).toBe(true);
  expect(await saying('guiDeckReview', { name: 'Default' }, 'guiCurrentCard')).toBe(true);
  expect(await saying('guiShowAnswer', {}, 'guiCurrentCard')).toBe(true);
  expect(await saying('guiShowQuestion', {}, 'guiCurrentCard')).toBe(true);
  expect(await saying('guiPlayAudio', {}, 'no sound')).toBe(true);
  expect(await saying('guiCheckDatabase', {}, 'no problems')).toBe(true);
  expect(await saying('guiExitAnki', {}, 'no window')).toBe(null);
  expect(await call('guiReviewActive')).toBe(true);
});

test('guiUndo returns true for an empty undo list, as Anki-Connect does', async () => {
  expect(await call('guiUndo')).toBe(true);
  expect(messages).toEqual([]);
});

test('the database check shows the next card', async () => {
  await add('a');
  await call('guiDeckReview', { name: 'Default' });
  await call('guiShowAnswer');
  expect(await call('guiCheckDatabase')).toBe(true);
  expect(await call('guiAnswerCard', { ease: 3 })).toBe(false);
  expect(await call('guiReviewActive')).toBe(true);
});

test.each([
  [['noteFld', "it's", null, true], `reorderCards should be a dict: ['noteFld', "it's", None, True]`],
  [{ columnId: ['a'], order: 'ascending' }, "invalid columnId: ['a']"],
  [{ columnId: 'noteFld', order: { a: [null] } }, "invalid card order: {'a': [None]}"],
])('guiBrowse quotes the order %j as Python prints it', async (reorderCards, message) => {
  await expect(temporary.engine.request('guiBrowse', { query: '', reorderCards })).rejects.toThrow(message);
});

test('the database check adds the time of the last review to a card whose reviews insertReviews added, as in Anki', async () => {
  await add('a');
  const cards = await call('findCards', { query: '' });
  const [card = 0] = cards;
  await call('setDueDate', { cards, days: '3' });
  await call('insertReviews', { reviews: [[Date.now() - 60_000, card, -1, 3, 4, -60, 2500, 6157, 0]] });
  const before = await call('getReviewsOfCards', { cards });
  expect(await problemsOf(temporary.engine)).toMatch(/Added last review time to 1 card/);
  expect(await call('getReviewsOfCards', { cards })).toEqual(before);
  expect(await problemsOf(temporary.engine)).toBe('');
});
