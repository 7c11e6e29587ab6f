import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActionName, Output, Params } from '../../../../src/contract/index.ts';
import { collectionClosed, temporaryEngine } from '../../../support/collection.ts';

let made: ReturnType<typeof temporaryEngine>;
let told: string[];
beforeEach(() => {
  made = temporaryEngine({ idle: 100 });
  told = [];
});
afterEach(() => made.close());

const call = <N extends ActionName>(name: N, params: Params<N> = {}): Promise<Output<N>> =>
  made.engine.request(name, params, { progress: (message) => told.push(message) });

const add = (Front: string, tags: string[] = []) =>
  call('addNote', { note: { deckName: 'Default', modelName: 'Basic', fields: { Front, Back: 'b' }, tags } });

const selected = () => call('guiSelectedNotes');

const by = (columnId: string, order: string) => ({ reorderCards: { columnId, order } });

test('the first row is selected, and a selected card stays so as long as it is listed', async () => {
  const [b, a, c] = [await add('b'), await add('a', ['odd']), await add('c', ['odd'])];
  expect(await selected()).toEqual([]);
  expect(await call('guiBrowse')).toEqual([]);
  expect(await selected()).toEqual([a]);
  await call('guiSelectCard', { card: (await call('findCards', { query: 'front:c' }))[0] ?? 0 });
  expect(await selected()).toEqual([c]);
  await call('guiBrowse', { query: 'tag:odd' });
  expect(await selected()).toEqual([c]);
  await collectionClosed(made.engine);
  expect(await selected()).toEqual([c]);
  await call('guiBrowse', { query: 'front:b' });
  expect(await selected()).toEqual([b]);
  await call('guiBrowse', { query: 'nowhere' });
  expect(await selected()).toEqual([]);
});

test('cards are sorted as asked, and by most other columns from the end first', async () => {
  const [, , last] = [await add('b'), await add('a'), await add('c')];
  await call('guiBrowse', { query: 'deck:Default', ...by('noteFld', 'descending') });
  await call('guiSelectCard', { card: 1 });
  await call('guiBrowse', { query: 'deck:Default' });
  expect(await selected()).toEqual([last]);
  await call('guiSelectCard', { card: 1 });
  await call('guiBrowse', by('cardDue', 'ascending'));
  expect(await selected()).toEqual([last]);
  await call('guiSelectCard', { card: 1 });
  await call('guiBrowse', by('cardDue', 'ascending'));
  expect(await selected()).not.toEqual([last]);
});

test('a refused order still searches, a refused search leaves the list', async () => {
  const [, b] = [await add('a'), await add('b')];
  await expect(call('guiBrowse', { query: 'front:b', ...by('strange', 'ascending') })).rejects.toThrow(
    'invalid columnId: strange',
  );
  expect(await selected()).toEqual([b]);
  await expect(call('guiBrowse', { query: '(' })).rejects.toThrow('Invalid search');
  await expect(call('guiBrowse', { query: '('.repeat(5000) })).rejects.toThrow('limit');
  expect(await selected()).toEqual([b]);
});

test('what needs a window says that there is none', async () => {
  const note = await add('a');
  await expect(call('guiEditNote', { note })).rejects.toThrow('updateNote');
  expect(await call('guiAddCards', { note: { deckName: 'Default', modelName: 'Basic' } })).toBe(0);
  expect(await call('guiAddNoteSetData', { note: {} })).toMatchObject({ code: 1 });
  await call('guiDeckReview', { name: 'Default' });
  expect(await call('guiPlayAudio')).toBe(true);
  expect(await call('guiExitAnki')).toBe(null);
  expect(told).toEqual([
    expect.stringContaining('addNote'),
    expect.stringContaining('no sound'),
    expect.stringContaining('no window'),
  ]);
  expect(await call('guiReviewActive')).toBe(true);
});

test('nothing to undo is told, and no error', async () => {
  expect(await call('guiUndo')).toBe(true);
  expect(told).toEqual(['There is nothing to undo.']);
});

test('the database check tells what it found, and shows the next card', async () => {
  await add('a');
  await call('guiDeckReview', { name: 'Default' });
  await call('guiShowAnswer');
  expect(await call('guiCheckDatabase')).toBe(true);
  expect(await call('guiAnswerCard', { ease: 3 })).toBe(false);
  expect(await call('guiReviewActive')).toBe(true);
});
