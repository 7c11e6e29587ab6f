import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { temporaryEngine } from '../../../support/collection.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function fresh(importsAtOnce = true) {
  const made = temporaryEngine({ importsAtOnce });
  cleanups.push(made.close);
  const write = (name: string, content: string) => {
    const path = join(made.folder, name);
    writeFileSync(path, content);
    return path;
  };
  return { ...made, write };
}
type Fresh = ReturnType<typeof fresh>;

const header = '#separator:tab\n#notetype:Basic\n#deck:Words\n';
const words = (count: number) =>
  header + Array.from({ length: count }, (_, index) => `word ${index}\tmeaning ${index}\n`).join('');

const cards = async ({ engine }: Fresh) => {
  const found = await engine.call('findCards', { query: '' });
  return engine.call('cardsInfo', { cards: found });
};

test('due dates and ease travel with a package when they are to', async () => {
  const source = fresh();
  await source.engine.call('guiImportFile', { path: source.write('words.txt', words(1)) });
  const [card = 0] = await source.engine.call('findCards', { query: '' });
  await source.engine.call('setDueDate', { cards: [card], days: '3' });
  await source.engine.call('setEaseFactors', { cards: [card], easeFactors: [2100] });
  const path = join(source.folder, 'words.apkg');
  await source.engine.call('exportPackage', { deck: 'words', path, includeSched: true });
  const bare = join(source.folder, 'bare.apkg');
  await source.engine.call('exportPackage', { deck: 'Words', path: bare });

  const target = fresh();
  expect(await target.engine.call('importPackage', { path })).toBe(true);
  expect(await cards(target)).toMatchObject([
    { deckName: 'Words', due: 3, factor: 2100, interval: 3, type: 2 },
  ]);
  const other = fresh();
  await other.engine.call('importPackage', { path: bare });
  expect(await cards(other)).toMatchObject([{ deckName: 'Words', factor: 0, interval: 0, type: 0 }]);
});

test('guiImportFile imports text as its header says, where nobody could press Import', async () => {
  const made = fresh();
  const said: string[] = [];
  const path = made.write('words.txt', words(2));
  const options = { progress: (message: string) => said.push(message) };
  expect(await made.engine.call('guiImportFile', { path }, options)).toBeNull();
  expect(said.at(-1)).toBe('imported: 2 new');
  made.write('words.txt', `${header}word 0\tchanged\n`);
  await made.engine.call('guiImportFile', { path }, options);
  expect(said.at(-1)).toBe('imported: 1 updated');
  await made.engine.call('guiImportFile', { path: made.write('PLAIN.CSV', 'a;b\nc;d\n') });
  expect(await cards(made)).toHaveLength(4);
  expect(await made.engine.call('deckNames', {})).toEqual(['Default', 'Words']);
});

test('guiImportFile merges packages', async () => {
  const source = fresh();
  await source.engine.call('guiImportFile', { path: source.write('words.txt', words(2)) });
  const path = join(source.folder, 'words.apkg');
  await source.engine.call('exportPackage', { deck: 'Words', path });
  const target = fresh();
  await target.engine.call('guiImportFile', { path });
  expect(await cards(target)).toHaveLength(2);
});

test('guiImportFile leaves the collection alone where the desktop would, and tells', async () => {
  const made = fresh(false);
  const said: string[] = [];
  const path = made.write('words.txt', words(1));
  await made.engine.call('guiImportFile', { path }, { progress: (message) => said.push(message) });
  expect(said).toEqual([`${path} is not imported: there is nobody to press Import`]);
  expect(await made.engine.call('deckNames', {})).toEqual(['Default']);
});

test.each([true, false])('what guiImportFile cannot do is an error (imports at once: %s)', async (atOnce) => {
  const { engine, folder } = fresh(atOnce);
  const refused = (path?: string) =>
    expect(engine.request('guiImportFile', path === undefined ? {} : { path }));
  await refused().rejects.toThrow('give the path of an .apkg, .csv, .tsv or .txt file.');
  await refused('/x.bin').rejects.toThrow('and not /x.bin');
  await refused('/x.colpkg').rejects.toThrow('whole collection');
  await refused(join(folder, 'none.txt')).rejects.toThrow('o such file or directory');
  await refused(join(folder, 'none.apkg')).rejects.toThrow('o such file or directory');
});

test('whole collections are neither imported nor made by mistake', async () => {
  const { engine, folder } = fresh();
  await expect(engine.call('importPackage', { path: '/x.COLPKG' })).rejects.toThrow('whole collection');
  const path = join(folder, 'x.colpkg');
  await expect(engine.call('exportPackage', { deck: 'Default', path })).rejects.toThrow('whole collection');
  expect(existsSync(path)).toBe(false);
});

/** Cancels in the midst of the call. */
const soon = () => ({ signal: AbortSignal.timeout(150) });

test('long imports and exports tell how far they are, and can be cancelled', async () => {
  const { engine, folder, write } = fresh();
  const said: string[] = [];
  const progress = (message: string) => said.push(message);
  await engine.call('guiImportFile', { path: write('words.txt', words(60_000)) }, { progress });
  expect(said[0]).toMatch(/^Processed \d+ notes\.\.\.$/);

  const path = join(folder, 'words.apkg');
  const exported = engine.call('exportPackage', { deck: 'Words', path }, soon());
  await expect(exported).rejects.toThrow('exportPackage was cancelled before it was done.');
  expect(readdirSync(folder).filter((name) => name.endsWith('.apkg'))).toEqual([]);

  await engine.call('exportPackage', { deck: 'Words', path });
  expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  const target = fresh();
  await target.engine.call('deckNames', {});
  const imported = target.engine.call('importPackage', { path }, soon());
  await expect(imported).rejects.toThrow('importPackage was cancelled before it was done.');
  expect(await target.engine.call('deckNames', {})).toEqual(['Default']);
});
