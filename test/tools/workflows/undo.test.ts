import { expect, test } from 'vitest';
import { desktop } from '../../support/desktop.ts';
import { Assistant } from '../../support/assistant.ts';
import { resultOf } from '../../support/both-backends.ts';
import { basic, card, engine, save } from '../../support/saving.ts';

const undo = (args: object) => resultOf('undo', args);
const notes = () => engine.call('findNotes', { query: 'deck:*' });

test('undoes and redoes several steps and says what each was', async () => {
  const { notes: saved } = await save({ ...basic, notes: [card('one', '1'), card('two', '2')] });
  const ids = saved.map(({ id = 0 }) => id);
  await engine.call('addTags', { notes: ids, tags: 'x' });
  expect(await undo({})).toEqual({ undo: 'Add tags, 2 notes', redo: '' });
  const undone = await undo({ action: 'undo', steps: 2 });
  expect(undone['undone']).toEqual(['Add tags, 2 notes', 'Add notes, 2 notes']);
  expect(await notes()).toEqual([]);
  const redone = await undo({ action: 'redo', steps: 2 });
  expect(redone['redone']).toEqual(['Add notes, 2 notes', 'Add tags, 2 notes']);
  expect(await notes()).toEqual(ids);
  expect(await engine.call('getNoteTags', { note: ids[0] ?? 0 })).toEqual(['x']);
  expect(redone['redo']).toBe('');
});

test('undoes nothing if another step is next than the expected one', async () => {
  await save({ ...basic, notes: [card('one', '1')] });
  await expect(undo({ action: 'undo', expect: 'Answer card' })).rejects.toThrow(
    /Nothing was changed: undo would take/,
  );
  expect(await notes()).toHaveLength(1);
});

test('names the step that is really the next one, after steps of several calls, undos and calls without effect', async () => {
  await save({ ...basic, notes: [card('one', '1')] });
  await resultOf('editTags', { query: 'deck:*', add: ['x'] });
  const rename = (deck: string, to: string) => resultOf('decks', { action: 'rename', deck, to });
  await rename('German', 'Germany');
  expect(await undo({})).toMatchObject({ undo: 'Rename deck' });
  await engine.call('addTags', { notes: await notes(), tags: 'x' });
  await engine.call('changeDeck', { cards: [], deck: 'Germany' });
  await engine.call('deleteDecks', { decks: ['None'], cardsToo: true });
  expect(await undo({})).toMatchObject({ undo: 'Rename deck' });
  expect(await undo({ action: 'undo' })).toMatchObject({ undone: ['Rename deck'], undo: 'Add tags, 1 note' });
  await rename('German', 'Germany');
  await engine.call('guiUndo', {});
  expect(await undo({})).toMatchObject({ undo: 'Add tags, 1 note', redo: 'Rename deck' });
  expect(await undo({ action: 'redo' })).toMatchObject({ undo: 'Rename deck' });
  expect(await undo({ action: 'undo', steps: 3 })).toMatchObject({
    undone: ['Rename deck', 'Add tags, 1 note', 'Add notes, 1 note'],
    undo: 'Create deck',
  });
});

test('does not give a step the name of a later call that changed nothing', async () => {
  await engine.call('guiDeckReview', { name: 'German' });
  await engine.call('createDeck', { deck: 'Other' });
  await engine.call('guiDeckReview', { name: 'German' });
  expect(await undo({})).toMatchObject({ undo: 'Create deck' });
  await expect(undo({ action: 'undo', expect: 'Start review' })).rejects.toThrow(/would take "Create deck"/);
});

test('names a step that counts nothing, after another step of several calls', async () => {
  await save({ ...basic, notes: [card('one', '1')] });
  const searches = [{ search: 'deck:*' }];
  await resultOf('filteredDeck', { action: 'create', deck: 'Cram', searches });
  await resultOf('filteredDeck', { action: 'delete', deck: 'Cram' });
  expect(await undo({ action: 'undo' })).toMatchObject({
    undone: [expect.stringContaining('Delete filtered deck')],
    undo: 'Build filtered deck',
  });
});

test('says why there is nothing to undo, and how many steps there were', async () => {
  await expect(undo({ action: 'redo' })).rejects.toThrow(/nothing to redo, and nothing was changed/);
  const result = await undo({ action: 'undo', steps: 30 });
  expect(result['undone']).toHaveLength(1); // the deck that each test begins with
  await expect(undo({ action: 'undo' })).rejects.toThrow(/nothing to undo/);
});

test('a desktop gets a sentence that says what to do', async () => {
  const { backend, close } = await desktop(engine);
  const assistant = await Assistant.of(backend);
  const { isError, text } = await assistant.call('undo', {});
  expect(isError).toBe(true);
  expect(text).toMatch(/Close Anki and repeat the call/);
  await assistant.close();
  await close();
});
