import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { temporaryEngine } from '../../../support/collection.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function create(importsAtOnce = true) {
  const created = temporaryEngine({ importsAtOnce });
  cleanups.push(created.close);
  const write = (name: string, content: string) => {
    const path = join(created.folder, name);
    writeFileSync(path, content);
    return path;
  };
  return { ...created, write };
}
type Created = ReturnType<typeof create>;

const header = '#separator:tab\n#notetype:Basic\n#deck:Words\n';
const wordList = (count: number) =>
  header + Array.from({ length: count }, (_, index) => `word ${index}\tmeaning ${index}\n`).join('');

const cards = async ({ engine }: Created) => {
  const found = await engine.call('findCards', { query: '' });
  return engine.call('cardsInfo', { cards: found });
};

test('a package contains due dates and ease only with includeSched', async () => {
  const source = create();
  await source.engine.call('guiImportFile', { path: source.write('words.txt', wordList(1)) });
  const [card = 0] = await source.engine.call('findCards', { query: '' });
  await source.engine.call('setDueDate', { cards: [card], days: '3' });
  await source.engine.call('setEaseFactors', { cards: [card], easeFactors: [2100] });
  const path = join(source.folder, 'words.apkg');
  await source.engine.call('exportPackage', { deck: 'words', path, includeSched: true });
  const bare = join(source.folder, 'bare.apkg');
  await source.engine.call('exportPackage', { deck: 'Words', path: bare });

  const target = create();
  expect(await target.engine.call('importPackage', { path })).toBe(true);
  expect(await cards(target)).toMatchObject([
    { deckName: 'Words', due: 3, factor: 2100, interval: 3, type: 2 },
  ]);
  const other = create();
  await other.engine.call('importPackage', { path: bare });
  expect(await cards(other)).toMatchObject([{ deckName: 'Words', factor: 0, interval: 0, type: 0 }]);
});

test('with importsAtOnce, guiImportFile imports text as its header says', async () => {
  const created = create();
  const messages: string[] = [];
  const path = created.write('words.txt', wordList(2));
  const options = { report: (message: string) => messages.push(message) };
  expect(await created.engine.call('guiImportFile', { path }, options)).toBeNull();
  expect(messages).toEqual(['Imported: 2 new.', 'Target: note type Basic, deck Words.']);
  created.write('words.txt', `${header}word 0\tchanged\n`);
  await created.engine.call('guiImportFile', { path }, options);
  expect(messages.at(-2)).toBe('Imported: 1 updated.');
  const upperCase = created.write('PLAIN.CSV', '#separator:;\n#notetype:Basic\na;b\nc;d\n');
  await created.engine.call('guiImportFile', { path: upperCase });
  expect(await cards(created)).toHaveLength(4);
  expect(await created.engine.call('deckNames', {})).toEqual(['Default', 'Words']);
});

test('guiImportFile merges packages', async () => {
  const source = create();
  await source.engine.call('guiImportFile', { path: source.write('words.txt', wordList(2)) });
  const path = join(source.folder, 'words.apkg');
  await source.engine.call('exportPackage', { deck: 'Words', path });
  const target = create();
  await target.engine.call('guiImportFile', { path });
  expect(await cards(target)).toHaveLength(2);
});

test('without importsAtOnce, guiImportFile imports nothing and says so', async () => {
  const created = create(false);
  const messages: string[] = [];
  const path = created.write('words.txt', wordList(1));
  await created.engine.call('guiImportFile', { path }, { report: (sentence) => messages.push(sentence) });
  expect(messages).toEqual([`${path} was not imported: nobody can press Import in the engine.`]);
  expect(await created.engine.call('deckNames', {})).toEqual(['Default']);
});

test.each([true, false])(
  'guiImportFile refuses what it cannot import (importsAtOnce: %s)',
  async (atOnce) => {
    const { engine, folder } = create(atOnce);
    const refused = (path?: string) =>
      expect(engine.request('guiImportFile', path === undefined ? {} : { path }));
    await refused().rejects.toThrow('Pass the path of an .apkg, .csv, .tsv or .txt file.');
    await refused('/x.bin').rejects.toThrow(', not /x.bin');
    await refused('/x.colpkg').rejects.toThrow('whole collection');
    await refused(join(folder, 'none.txt')).rejects.toThrow('o such file or directory');
    await refused(join(folder, 'none.apkg')).rejects.toThrow('o such file or directory');
  },
);

test('importPackage and exportPackage refuse .colpkg files', async () => {
  const { engine, folder } = create();
  await expect(engine.call('importPackage', { path: '/x.COLPKG' })).rejects.toThrow('whole collection');
  const path = join(folder, 'x.colpkg');
  await expect(engine.call('exportPackage', { deck: 'Default', path })).rejects.toThrow('whole collection');
  expect(existsSync(path)).toBe(false);
});

/** Cancels during the call. */
const cancelSoon = () => ({ signal: AbortSignal.timeout(150) });

test('long imports and exports report progress and can be cancelled', async () => {
  const { engine, folder, write } = create();
  const messages: string[] = [];
  const progress = (message: string) => messages.push(message);
  await engine.call('guiImportFile', { path: write('words.txt', wordList(60_000)) }, { progress });
  expect(messages[0]).toMatch(/^Processed \d+ notes\.\.\.$/);

  const path = join(folder, 'words.apkg');
  const exported = engine.call('exportPackage', { deck: 'Words', path }, cancelSoon());
  await expect(exported).rejects.toThrow('exportPackage was cancelled before it was done.');
  expect(readdirSync(folder).filter((name) => name.endsWith('.apkg'))).toEqual([]);

  await engine.call('exportPackage', { deck: 'Words', path });
  expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  const target = create();
  await target.engine.call('deckNames', {});
  const imported = target.engine.call('importPackage', { path }, cancelSoon());
  await expect(imported).rejects.toThrow('importPackage was cancelled before it was done.');
  expect(await target.engine.call('deckNames', {})).toEqual(['Default']);
});

test.each([
  'collection.anki2',
  'COLLECTION.anki2',
  'collection.anki2.',
  'collection.anki2-wal',
  'collection.anki2-shm',
  'collection.media.db2',
  'collection.media.db2-wal',
  'collection.media/a.apkg',
  'Collection.Media/a.apkg',
  'collection.media/../collection.anki2',
  'backups/a.apkg',
  'link/collection.anki2',
  'link/collection.media/a.apkg',
  'media-link/a.apkg',
  'file-link.apkg',
])('exportPackage does not write over files of its own collection: %s', async (name) => {
  const { engine, folder, write } = create();
  await engine.call('deckNames', {});
  mkdirSync(join(folder, 'backups'));
  symlinkSync(folder, join(folder, 'link'));
  symlinkSync(join(folder, 'collection.media'), join(folder, 'media-link'));
  symlinkSync(join(folder, 'collection.anki2'), join(folder, 'file-link.apkg'));
  write('backups/old.colpkg', 'backup');
  const before = readdirSync(folder, { recursive: true });
  const exported = engine.call('exportPackage', { deck: 'Default', path: join(folder, name) });
  await expect(exported).rejects.toThrow('belongs to the collection that is open');
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
  await engine.call('createDeck', { deck: 'Afterwards' });
});

test('exportPackage writes next to the collection, and over other files', async () => {
  const { engine, folder, write } = create();
  for (const path of [join(folder, 'collection.apkg'), write('collection.anki2.apkg', 'old')]) {
    expect(await engine.call('exportPackage', { deck: 'Default', path })).toBe(true);
    expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  }
});
