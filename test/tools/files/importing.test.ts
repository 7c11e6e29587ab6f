import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeImport } from '../../../src/backends/engine/handlers/import-log.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { guardedServer, overHttp } from '../../support/guarded-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Starts a server whose files are all allowed. */
async function importer(desktop = false) {
  const files = temporaryFolder();
  const connect: typeof overHttp = desktop ? overHttp : async (engine) => engine;
  const server = await guardedServer(undefined, {}, connect, () => [files]);
  const run = (text: string, name = 'words.txt') => {
    const path = join(files, name);
    writeFileSync(path, text);
    return server.assistant.call('guiImportFile', { path });
  };
  const fields = async () => {
    const found = await server.engine.call('findNotes', { query: '' });
    const notes = await server.engine.call('notesInfo', { notes: found });
    return notes.map((note) => [
      note.modelName,
      ...Object.values(note.fields ?? {}).map(({ value }) => value),
    ]);
  };
  return { ...server, files, run, fields };
}

test.each([
  ['time,what\n10:30,lunch\n', 'no #separator line with a known separator and no #notetype line'],
  ['word,reading,meaning\nred,akai,"bright, warm"\nblue,aoi,x|y\n', 'no #separator line'],
  ['#separator:tab\na\tb\n', 'no #notetype line'],
  ['#separator:tab\n#notetype:\na\tb\n', 'no #notetype line'],
  ['#notetype:Basic\na\tb\n', 'no #separator line'],
  ['#separator:foo\n#notetype:Basic\na\tb\n', 'no #separator line with a known separator'],
  ['#separator:tab\n#notetype:Nope\na\tb\n', 'an unknown note type in its #notetype line (Nope)'],
  ['comment\n#separator:tab\n#notetype:Basic\na\tb\n', 'no #separator line'],
  ['\uFEFF#separator:tab\n#tags column:2\na\tb\n', 'no #notetype line'],
])(
  'the text %j is not imported: the result has a preview and says what is missing',
  async (text, missing) => {
    const { engine, run, fields } = await importer();
    const note = { deckName: 'Default', modelName: 'Cloze', fields: { Text: '{{c1::x}}' } };
    await engine.call('addNote', { note });
    const { isError, result, summary } = await run(text);
    expect(isError).toBe(false);
    expect(result).toBeNull();
    expect(summary).toContain('Nothing was imported');
    expect(summary).toContain(missing);
    expect(summary).toMatch(/The guess: separator \w+, note type (Basic|Cloze), deck Default, column 1: /);
    expect(summary).toContain('First rows: [');
    expect(summary).toContain('#notetype:Basic');
    expect(await fields()).toEqual([['Cloze', '{{c1::x}}', '']]);
  },
);

test('a preview of long rows and many columns is short', async () => {
  const { run } = await importer();
  const row = Array.from({ length: 200 }, () => 'x'.repeat(5000)).join(',');
  const { summary = '' } = await run(`${row}\n${row}\n${row}\n`);
  expect(summary).toContain('call guiImportFile again');
  expect(Buffer.byteLength(summary)).toBeLessThan(2000);
});

test('text with header lines is imported, and the summary has counts, note type and deck', async () => {
  const { run, fields } = await importer();
  const header = '#separator:Comma\n#notetype:basic\n#deck:Words\n';
  expect((await run(`${header}a,1\nb,2\n`)).summary).toBe(
    'Imported: 2 new. Target: note type Basic, deck Words.',
  );
  expect((await run(`${header}a,changed\nb,2\n`)).summary).toContain('Imported: 1 updated, 1 already there.');
  const byColumn =
    '#separator:tab\n#notetype column:1\n#deck column:2\nBasic\tOther\tc\t3\nNope\tOther\td\t4\n';
  expect((await run(byColumn)).summary).toBe(
    'Imported: 1 new, 1 of an unknown note type: not imported ("d"). Target: note types of column 1, decks of column 2.',
  );
  expect(await fields()).toEqual([
    ['Basic', 'a', 'changed'],
    ['Basic', 'b', '2'],
    ['Basic', 'c', '3'],
  ]);
});

test('how notes with the same first field are treated does not depend on the last import', async () => {
  const { run, fields } = await importer();
  const header = '#separator:tab\n#notetype:Basic\n';
  await run(`${header}a\t1\n`);
  expect((await run(`#if matches:keep current\n${header}a\t2\n`)).summary).toContain('1 left unchanged');
  expect(await fields()).toEqual([['Basic', 'a', '1']]);
  expect((await run(`${header}a\t3\n`)).summary).toContain('1 updated');
  expect(await fields()).toEqual([['Basic', 'a', '3']]);
});

/** Writes a package with one note. The same guid makes it the same note. */
async function writePackage(path: string, modelName: string): Promise<void> {
  const { engine, folder, close } = temporaryEngine({ importsAtOnce: true });
  const text = join(folder, 'note.txt');
  writeFileSync(text, `#separator:tab\n#notetype:${modelName}\n#guid column:1\nsameguid\tfront\tback\n`);
  await engine.call('guiImportFile', { path: text });
  await engine.call('exportPackage', { deck: 'Default', path });
  await close();
}

test('engine: importPackage says what was new, updated and already there', async () => {
  const { assistant, files } = await importer();
  const [older, newer] = [join(files, 'older.apkg'), join(files, 'newer.apkg')];
  await writePackage(older, 'Basic');
  await new Promise((resolve) => setTimeout(resolve, 1100)); // Anki keeps modification times in seconds
  await writePackage(newer, 'Basic (and reversed card)');
  const run = (path: string) => assistant.call('importPackage', { path });
  expect(await run(older)).toMatchObject({ result: true, summary: 'Imported: 1 new.' });
  expect(await run(newer)).toMatchObject({ result: true, summary: 'Imported: 1 updated.' });
  expect(await run(older)).toMatchObject({ result: true, summary: 'Imported: 1 already there.' });
  const actions = [older, newer].map((path) => ({ action: 'importPackage', params: { path } }));
  expect((await assistant.call('multi', { actions })).summary).toBe('Imported: 1 already there.');
});

test('notes in conflict are counted, with the first fields of the first three', () => {
  const none = { updated: [], duplicate: [], firstFieldMatch: [], missingNotetype: [], missingDeck: [] };
  const conflicting = ['a', 'b\n\u202Eb', 'c'.repeat(50), 'd'].map((first) => ({ fields: [first, 'back'] }));
  const log = { ...none, new: [{ fields: ['new'] }], emptyFirstField: [], conflicting };
  expect(describeImport({ log })).toBe(
    `Imported: 1 new, 4 in conflict with the note type of an existing note: not imported ("a", "b b", "${'c'.repeat(40)}…", …).`,
  );
});

test('desktop: importPackage says how many notes and cards there were before and are now', async () => {
  const { assistant, files } = await importer(true);
  const path = join(files, 'first.apkg');
  await writePackage(path, 'Basic');
  const run = () => assistant.call('importPackage', { path });
  expect((await run()).summary).toBe(
    'Before the call the collection had 0 notes with 0 cards, and now it has 1 note with 1 card. Anki-Connect does not report which notes of a package were added, updated or skipped.',
  );
  expect((await run()).summary).toContain('had 1 note with 1 card, and now it has 1 note with 1 card');
});
