import { beforeEach, afterEach, expect, test } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { z } from 'zod';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';

let engine: Engine;
let close: () => Promise<void>;
let assistant: Assistant;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  assistant = await Assistant.of(engine);
});

afterEach(async () => {
  await assistant.close();
  await close();
});

const basic = <T>(Front: T, rest: object = {}) => ({
  deckName: 'Default',
  modelName: 'Basic',
  fields: { Front, Back: 'b' },
  ...rest,
});

const add = async (front: string): Promise<{ note: number; card: number }> => {
  const note = await engine.call('addNote', { note: basic(front) });
  const [card = 0] = await engine.call('findCards', { query: `nid:${note}` });
  return { note, card };
};

const found = z.array(z.looseObject({ noteId: z.int() }));

const tagsOf = (note: number) => engine.call('getNoteTags', { note });

const nulls = { id: null, tags: null, media: null, deckName: null, modelName: null };

test.each([
  ['findNotes', { query: 'deck:Default', limit: null, offset: null }],
  [
    'saveNotes',
    {
      notes: [{ ...nulls, fields: { Front: 'n1', Back: 'b' } }],
      deckName: 'Default',
      modelName: 'Basic',
      onDuplicate: null,
      markdown: null,
      createDecks: null,
      dryRun: null,
    },
  ],
  ['addNote', { note: basic('n2', { tags: null, options: null, audio: null, picture: [], video: null }) }],
  ['multi', { actions: [{ action: 'findNotes', params: { query: '' }, version: null, key: null }] }],
  ['insights', { deck: '', sections: [] }],
  ['insights', { deck: null, sections: null }],
  ['searchNotes', { query: 'f1', fields: [], limit: 0, offset: null }],
  ['viewCards', { cards: [], query: 'f1', limit: null }],
  ['study', { action: 'start', deck: 'Default', limit: null, rating: null }],
])('%s takes null and empty optional arguments as absent: %j', async (name, args) => {
  const { isError, text } = await assistant.call(name, args);
  expect([isError, text]).toEqual([false, expect.any(String)]);
});

test('numbers, lists and objects arrive as text and are read by the schema', async () => {
  const { note, card } = await add('f1');
  const second = await add('f2');
  const both = [note, second.note];
  const ids = async (notes: unknown) => {
    const { result } = await assistant.call('notesInfo', { notes });
    return found.parse(result).map(({ noteId }) => noteId);
  };
  expect(await ids([String(note)])).toEqual([note]);
  expect(await ids(JSON.stringify(both))).toEqual(both);
  expect(await ids(both.join(', '))).toEqual(both);
  expect(await ids(note)).toEqual([note]);
  expect((await assistant.call('findNotes', { query: '', limit: '1' })).result).toHaveLength(1);
  await engine.call('suspend', { cards: [card] });
  expect((await assistant.call('suspend', { cards: [card], suspend: 'false' })).isError).toBe(false);
  expect(await engine.call('areSuspended', { cards: [card] })).toEqual([false]);
  expect((await assistant.call('setDueDate', { cards: String(card), days: 3 })).result).toBe(true);
  const batch = [{ action: 'notesInfo', params: JSON.stringify({ notes: String(note) }) }];
  expect((await assistant.call('multi', { actions: JSON.stringify(batch) })).result).toMatchObject([
    { result: [{ noteId: note }] },
  ]);
});

test.each([
  ['addTags', (note: number) => ({ notes: [note], tags: 'x', add: 0 })],
  ['notesInfo', () => ({ notes: 0, query: null })],
])('%s does not take 0 for an absent member where no number is expected', async (name, args) => {
  const { note } = await add('zero');
  const { text } = await assistant.call(name, args(note));
  expect(text).toMatch(name === 'addTags' ? /add: expected boolean/ : /\{"result":\[\{\}\]/);
  expect(await tagsOf(note)).toEqual([]);
});

test('a rating arrives as text, and the empty members of a note count as absent', async () => {
  const empty = { deckName: '', modelName: '', tags: [], media: [] };
  const notes = [{ fields: { Front: 'g1', Back: 'b' }, ...empty }];
  const { result } = await assistant.call('saveNotes', { notes, deckName: 'Default', modelName: 'Basic' });
  expect(result).toMatchObject({ created: 1 });
  await assistant.call('study', { action: 'start', deck: 'Default' });
  await assistant.call('study', { action: 'reveal' });
  const rated = await assistant.call('study', { action: 'rate', rating: '3' });
  expect(rated.result).toMatchObject({ rated: '3 Good' });
});

test('a literal arrives as text', async () => {
  await engine.call('createDeck', { deck: 'Gone' });
  expect((await assistant.call('deleteDecks', { decks: 'Gone', cardsToo: 'true' })).isError).toBe(false);
  expect((await assistant.call('findNotes', { query: '', limit: '0' })).isError).toBe(false);
});

test('notes arrive as JSON text', async () => {
  const notes = JSON.stringify([{ fields: { Front: 'n3', Back: 'b' } }]);
  const saved = await assistant.call('saveNotes', { notes, deckName: 'Default', modelName: 'Basic' });
  expect(saved.isError).toBe(false);
  expect((await assistant.call('addNote', { note: JSON.stringify(basic('n6')) })).isError).toBe(false);
  expect(await engine.call('findNotes', { query: 'Front:n3 or Front:n6' })).toHaveLength(2);
});

test.each([
  ['["a","b"]', '["a","b"]'],
  ['007', '007'],
  ['null', 'null'],
  ['{"a":1}', '{"a":1}'],
  ['true', 'true'],
  [' 5 ', ' 5 '],
  [42, '42'],
  [3.5, '3.5'],
  [true, 'true'],
])('the field text %j is stored as %j', async (front, stored) => {
  const { result } = await assistant.call('addNote', { note: basic(front) });
  const [info] = await engine.call('notesInfo', { notes: [Number(result)] });
  expect(info?.fields?.['Front']?.value).toBe(stored);
});

test('a deck named by digits keeps its name', async () => {
  await assistant.call('createDeck', { deck: '123' });
  await assistant.call('createDeck', { deck: 456 });
  expect(await engine.call('deckNames', {})).toEqual(['123', '456', 'Default']);
});

test.each([
  ['addTags', { tags: ['p', 'q'] }, ['p', 'q']],
  ['addTags', { tags: '["p","q"]' }, ['p', 'q']],
  ['addTags', { tags: 'p q' }, ['p', 'q']],
  ['addTags', { tags: ['p,q'] }, ['p,q']],
])('%s %j adds the tags %j', async (name, args, tags) => {
  const { note } = await add('t');
  expect((await assistant.call(name, { notes: note, ...args })).isError).toBe(false);
  expect(await tagsOf(note)).toEqual(tags);
});

test.each(['["x","y"]', 'x y', ['x', 'y']])('the tags %j replace those of a note', async (tags) => {
  const { note } = await add('t');
  await assistant.call('updateNoteTags', { note, tags });
  expect(await tagsOf(note)).toEqual(['x', 'y']);
  await assistant.call('updateNoteTags', { note, tags: [] });
  expect(await tagsOf(note)).toEqual([]);
  await assistant.call('updateNote', { note: { id: note, tags } });
  expect(await tagsOf(note)).toEqual(['x', 'y']);
  await assistant.call('updateNote', { note: { id: note, tags: [] } });
  expect(await tagsOf(note)).toEqual([]);
});

test.each([
  ['addTags', 'p,q', 'ambiguous'],
  ['addTags', '["x","y z"]', 'has a space'],
  ['addTags', '[1, 2]', 'Not a list of tags'],
  ['updateNoteTags', 'p,q', 'ambiguous'],
  ['updateNoteTags', '["a"', 'Not a list of tags'],
])('%s refuses the tags %j and changes nothing', async (name, tags, reason) => {
  const { note } = await add('t');
  const target = name === 'addTags' ? { notes: [note] } : { note };
  const { isError, text } = await assistant.call(name, { ...target, tags });
  expect([isError, text]).toEqual([true, expect.stringContaining(reason)]);
  expect(await tagsOf(note)).toEqual([]);
});

test('with ids, an empty query does not mean the whole collection', async () => {
  const { note, card } = await add('f1');
  await add('f2');
  const { result } = await assistant.call('notesInfo', { notes: [note], query: '' });
  expect(result).toMatchObject([{ noteId: note }]);
  expect((await assistant.call('notesInfo', { query: '' })).result).toHaveLength(2);
  expect((await assistant.call('viewCards', { cards: [card], query: '' })).text).not.toContain('f2');
  expect((await assistant.call('viewCards', { query: '' })).text).toContain('f2');
});

const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(35, 0xfb)]);
const standard = gif.toString('base64');

test.each([
  standard.replaceAll(/.{10}/g, '$&\r\n'),
  standard.replaceAll('=', ''),
  gif.toString('base64url'),
  `data:image/gif;base64,${standard}`,
])('base64 is read in every usual form: %j', async (data) => {
  const { result } = await assistant.call('storeMediaFile', { filename: 'a.gif', data });
  expect(await engine.call('retrieveMediaFile', { filename: String(result) })).toBe(standard);
});

test('an unknown argument is answered with all known ones', async () => {
  const { text } = await assistant.call('findNotes', { search: 'x' });
  expect(text).toContain('known members: query, limit, offset');
  const batch = await assistant.call('multi', {
    actions: [{ action: 'findNotes', params: { querry: 'x' } }],
  });
  expect(batch.text).toContain('did you mean "query"? known members: query, limit, offset');
});

test('a batch pages the result of each call', async () => {
  const notes = await engine.call('addNotes', {
    notes: ['a', 'b', 'c'].map((front) => basic(front)),
  });
  const { result } = await assistant.call('multi', {
    actions: [
      { action: 'findNotes', params: { query: '', limit: 2, offset: '1' } },
      { action: 'findNotes', params: { query: '' } },
      { action: 'cardsInfo', params: { cards: [], css: false } },
    ],
  });
  expect(result).toEqual([
    { result: notes.slice(1), error: null, total: 3 },
    { result: notes, error: null },
    { result: [], error: null },
  ]);
});
