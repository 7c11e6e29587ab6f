import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import type { Json } from '../../../../src/lib/json.ts';

let engine: Engine;
let folder: string;
let close: () => Promise<void>;
beforeEach(async () => {
  ({ engine, folder, close } = temporaryEngine());
  await engine.call('createDeck', { deck: 'D' });
});
afterEach(() => close());

const media = () => join(folder, 'collection.media');
const note = (front: string, extra: Record<string, Json> = {}) => ({
  deckName: 'D',
  modelName: 'Basic',
  fields: { Front: front },
  ...extra,
});
const allNotes = () => engine.call('findNotes', { query: '' });
const undo = () => engine.call('guiUndo', {});
const store = (source: Record<string, Json>) =>
  engine.call('storeMediaFile', { filename: 'f.txt', ...source });
const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;

test('a thousand notes are added in one undo step', async () => {
  const notes = Array.from({ length: 1000 }, (_, index) => note(`<b>term</b> ${index}`));
  const ids = await engine.call('addNotes', { notes });
  expect(new Set(ids).size).toBe(1000);
  const [last] = await engine.call('notesInfo', { notes: ids.slice(-1) });
  expect(last?.fields?.['Front']?.value).toBe('<b>term</b> 999');
  await undo();
  expect(await allNotes()).toEqual([]);
  expect(await engine.call('deckNames', {})).toContain('D');
});

test('a refused batch adds no note, no tag and no undo step', async () => {
  const [kept] = await engine.call('addNotes', { notes: [note('kept')] });
  const notes = [note('new', { tags: ['fresh'] }), note('kept'), note('new')];
  await expect(engine.call('addNotes', { notes })).rejects.toThrow(
    "['cannot create note because it is a duplicate', 'cannot create note because it is a duplicate']",
  );
  expect(await allNotes()).toEqual([kept]);
  expect(await engine.call('getTags', {})).toEqual([]);
  await undo();
  expect(await allNotes()).toEqual([]);
});

test('notes of one batch count as duplicates of each other', async () => {
  const inDeck = { options: { duplicateScope: 'deck' } };
  await expect(engine.call('addNotes', { notes: [note('<i>é</i>'), note('e\u0301')] })).rejects.toThrow(
    /duplicate/,
  );
  await expect(engine.call('addNotes', { notes: [note('a', inDeck), note('a', inDeck)] })).rejects.toThrow(
    /duplicate/,
  );
  const elsewhere = note('a', { ...inDeck, deckName: 'Default' });
  expect(await engine.call('addNotes', { notes: [note('a', inDeck), elsewhere] })).toHaveLength(2);
});

test('updateNote changes fields and tags in one undo step', async () => {
  const id = await engine.call('addNote', { note: note('before', { tags: ['old'] }) });
  await engine.call('updateNote', { note: { id, fields: { Front: 'after' }, tags: ['new'] } });
  await undo();
  const [info] = await engine.call('notesInfo', { notes: [id] });
  expect([info?.fields?.['Front']?.value, info?.tags]).toEqual(['before', ['old']]);
});

test.each(['../up.txt', '/tmp/ankiwright-up.txt', '..\\up.txt', 'a/../../up.txt', 'nul\0.txt'])(
  'a file named %j stays in the media folder',
  async (filename) => {
    const before = readdirSync(folder);
    const stored = await engine.call('storeMediaFile', { filename, data: 'YQ==' });
    expect(readdirSync(media())).toEqual([stored]);
    expect(readdirSync(folder).filter((name) => !before.includes(name) && /up|nul/.test(name))).toEqual([]);
    expect(existsSync('/tmp/ankiwright-up.txt')).toBe(false);
  },
);

test.each(['', '.', '..', 'sub', '../sibling.txt'])(
  'deleteMediaFile deletes neither a folder nor a file outside the media folder: %j',
  async (filename) => {
    mkdirSync(join(media(), 'sub'), { recursive: true });
    writeFileSync(join(media(), 'sub', 'inner.txt'), 'x');
    writeFileSync(join(folder, 'sibling.txt'), 'x');
    const deleted = engine.call('deleteMediaFile', { filename });
    if (filename.includes('/')) expect(await deleted).toBeNull();
    else await expect(deleted).rejects.toThrow(/is a folder, not a file/);
    await engine.call('storeMediaFile', { filename, data: 'YQ==' }).catch(() => {});
    expect(readFileSync(join(media(), 'sub', 'inner.txt'), 'utf8')).toBe('x');
    expect(readFileSync(join(folder, 'sibling.txt'), 'utf8')).toBe('x');
  },
);

test('storeMediaFile accepts only data, a file or a web address', async () => {
  await expect(store({ path: 3 })).rejects.toThrow(/must be the path/);
  await expect(store({ path: folder })).rejects.toThrow(/Is a directory/);
  await expect(store({ url: 'file:///etc/hosts' })).rejects.toThrow(/No connection adapters/);
  await expect(store({ url: 'data:,x' })).rejects.toThrow(/No connection adapters/);
  expect(existsSync(join(media(), 'f.txt'))).toBe(false);
});

test('a download follows redirects and reports an HTTP error', async () => {
  const server = createServer(({ url }, reply) => {
    if (url === '/moved') reply.writeHead(302, { location: '/here' });
    else reply.statusCode = url === '/here' ? 200 : 404;
    reply.end(url);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  try {
    await engine.call('storeMediaFile', { filename: 'f.txt', url: `${base}/moved` });
    expect(readFileSync(join(media(), 'f.txt'), 'utf8')).toBe('/here');
    const missing = engine.call('storeMediaFile', { filename: 'g.txt', url: `${base}/none` });
    await expect(missing).rejects.toThrow(`${base}/none download failed with return code 404`);
  } finally {
    server.close();
  }
});

test('a search with a thousand nested brackets is refused and does not crash the engine', async () => {
  const id = await engine.call('addNote', { note: note('a') });
  await expect(engine.call('findNotes', { query: nested(1000) })).rejects.toThrow(/1000 deep/);
  await expect(engine.call('notesInfo', { query: `")" ${nested(100_000)}` })).rejects.toThrow(/deep/);
  expect(await engine.call('findNotes', { query: nested(50) })).toEqual([id]);
});
