import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Host } from '../../../../src/backends/engine/process/host.ts';
import { Assistant } from '../../../support/assistant.ts';
import { collectionClosed, temporaryEngine } from '../../../support/collection.ts';
import { series } from '../../../support/guarded-server.ts';
import { basic, card } from '../../../support/saving.ts';
import { startApi } from '../../../support/api.ts';

let temporary: ReturnType<typeof temporaryEngine>;
let assistant: Assistant;

async function open(options: Parameters<typeof temporaryEngine>[0] = {}): Promise<void> {
  temporary = temporaryEngine(options);
  assistant = await Assistant.of(temporary.engine);
}
async function close(): Promise<void> {
  await assistant.close();
  await temporary.close();
}
beforeEach(() => open());
afterEach(close);

const call = async (name: string, args: object = {}) => {
  const answer = await assistant.call(name, { ...args });
  expect(answer.text).not.toBe('');
  return answer;
};
const undo = async () => {
  const { isError, summary, text } = await call('guiUndo');
  return isError ? text : summary;
};
const addNotes = (fronts: readonly string[], tags: string[] = []) =>
  temporary.engine.call('addNotes', {
    notes: fronts.map((Front) => ({ deckName: 'Default', modelName: 'Basic', fields: { Front }, tags })),
  });
const create = (deck: string) => ({ action: 'createDeck', params: { deck } });
const tagNothing = { action: 'addTags', params: { notes: [], tags: 'x' } };
const decks = () => temporary.engine.call('deckNames', {});

test('undo says what it undid, with the number that Anki counted', async () => {
  const notes = await addNotes(series('n', 42));
  await call('addTags', { notes: [...notes, 1], tags: 'x' });
  expect(await undo()).toBe('Undid: Add tags, 42 notes.');
  expect(await undo()).toBe('Undid: Add notes, 42 notes.');
});

test('undo with an empty undo list is an error for an assistant, and true for a client of serve', async () => {
  const answer = await call('guiUndo');
  expect(answer).toMatchObject({ isError: true, text: expect.stringContaining('There is nothing to undo') });
  const api = await startApi(temporary.engine);
  expect(await api.ask({ action: 'guiUndo', version: 6 })).toBe('{"result": true, "error": null}');
  await api.close();
});

test('a batch is one undo step if its first call changes nothing', async () => {
  await call('multi', { actions: [tagNothing, create('A'), create('B')] });
  expect(await undo()).toBe('Undid: Create deck, 2 times.');
  expect(await decks()).toEqual(['Default']);
});

test('a batch that changes nothing leaves no undo step', async () => {
  await call('createDeck', { deck: 'Before' });
  const notes = await addNotes(['a'], ['x']);
  const tagAgain = { action: 'addTags', params: { notes, tags: 'x' } };
  await call('multi', { actions: [tagAgain, tagAgain, create('Before')] });
  await call('changeDeck', { cards: [], deck: 'Before' });
  expect(await undo()).toBe('Undid: Add notes, 1 note.');
  expect(await undo()).toBe('Undid: Create deck.');
  expect(await undo()).toContain('There is nothing to undo');
});

test('an undo inside a batch undoes the change before it', async () => {
  await call('createDeck', { deck: 'Before' });
  await call('multi', {
    actions: [{ action: 'guiUndo' }, create('A'), create('B'), { action: 'guiUndo' }, create('C')],
  });
  expect(await decks()).toEqual(['C', 'Default']);
  await undo();
  expect(await decks()).toEqual(['Default']);
});

test('a batch names its actions, also if it is longer than the undo list', async () => {
  const notes = await addNotes(['a', 'b']);
  const tagging = series('t', 40).map((tag) => ({
    action: 'addTags',
    params: { notes, tags: tag.replace(' ', '') },
  }));
  await call('multi', { actions: [tagNothing, ...tagging, create('A')] });
  expect(await undo()).toBe('Undid: Add tags, 80 notes; Create deck.');
  expect(await undo()).toBe('Undid: Add notes, 2 notes.');
});

test('saving notes into new decks is one undo step', async () => {
  const notes = [card('a', 'x', { deckName: 'New' }), card('b', 'x', { deckName: 'Newer' })];
  await call('saveNotes', { ...basic, notes, createDecks: true });
  expect(await decks()).toEqual(['Default', 'New', 'Newer']);
  expect(await undo()).toBe('Undid: Create deck, 2 times; Add notes, 2 notes.');
  expect(await decks()).toEqual(['Default']);
  expect(await undo()).toContain('There is nothing to undo');
});

test('an action that empties the undo list says so, and later changes of its batch stay one step', async () => {
  await call('createDeck', { deck: 'Before' });
  const config = await temporary.engine.call('getDeckConfig', { deck: 'Default' });
  expect((await call('saveDeckConfig', { config })).summary).toContain('can no longer be undone');
  const rename = { modelName: 'Basic', oldFieldName: 'Back', newFieldName: 'Rear' };
  await call('multi', {
    actions: [create('A'), { action: 'modelFieldRename', params: rename }, create('B'), create('C')],
  });
  await undo();
  expect(await decks()).toEqual(['A', 'Before', 'Default']);
});

test('a write that fails midway and empties the undo list says so in its error', async () => {
  await call('createDeck', { deck: 'Before' });
  const cards = await temporary.engine.call('findCards', { query: '' });
  expect((await call('setDueDate', { cards, days: 'x' })).text).not.toContain('can no longer be undone');
  const templates = { 'Card 1': { Front: '{{Nope}}', Back: 'x' } };
  const { isError, text } = await call('updateModelTemplates', { model: { name: 'Basic', templates } });
  expect(isError).toBe(true);
  expect(text).toMatch(/'\S?Nope\S?' not found\.\n.*earlier changes can no longer be undone/);
});

test('the collection stays open while there is something to undo, and closes after that time', async () => {
  await close();
  await open({ idleMs: 20, undoIdleMs: 600_000 });
  await call('deckNames');
  await collectionClosed(temporary.engine);
  await call('createDeck', { deck: 'A' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await undo()).toBe('Undid: Create deck.');
  await close();
  await open({ idleMs: 20, undoIdleMs: 60 });
  await call('createDeck', { deck: 'A' });
  await collectionClosed(temporary.engine);
  expect(await undo()).toContain('There is nothing to undo');
});

test('a rating can be undone after the study has ended, and the study continues', async () => {
  await addNotes(['a']);
  const study = (action: string, more: object = {}) => call('study', { action, ...more });
  await study('start', { deck: 'Default' });
  await study('reveal');
  expect((await study('rate', { rating: 4 })).result).toMatchObject({ studied: 1 });
  expect((await study('reveal')).text).toContain('No study session is open');
  expect((await study('undo')).result).toMatchObject({ undone: true, question: 'a', card: 1 });
  await study('reveal');
  expect((await study('rate', { rating: 1 })).result).toMatchObject({ rated: '1 Again' });
});

test('a multi of reads calls the engine for these reads only', async () => {
  await call('getTags');
  const calls = vi.spyOn(Host.prototype, 'call');
  try {
    await call('multi', {
      actions: [{ action: 'getTags' }, { action: 'findNotes', params: { query: '' } }],
    });
    expect(calls.mock.calls.map(([name]) => name)).toEqual(['all_tags', 'search_notes']);
  } finally {
    calls.mockRestore();
  }
});

test('reads before and after the writes of a multi do not split its undo step', async () => {
  await addNotes(['one']);
  const read = { action: 'deckNames' };
  await call('multi', { actions: [read, create('A'), read, create('B'), read] });
  expect(await undo()).toBe('Undid: Create deck, 2 times.');
  expect(await decks()).toEqual(['Default']);
  expect(await undo()).toBe('Undid: Add notes, 1 note.');
});
