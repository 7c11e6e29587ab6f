import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import type { Json } from '../../../../src/lib/json.ts';
import { mediaPolicy } from '../../../../src/tools/media/media-policy.ts';
import { Assistant } from '../../../support/assistant.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { desktop } from '../../../support/desktop.ts';
import { png } from '../../../support/saving.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let engine: Engine;
let assistant: Assistant;
let close: () => Promise<void>;
let folder: string;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  folder = temporaryFolder();
  assistant = await Assistant.of(engine, { media: mediaPolicy([folder], engine.capabilities) });
});
afterEach(async () => {
  await assistant.close();
  await close();
});

const basic = { deckName: 'Default', modelName: 'Basic' };

async function run(args: object, by: Assistant = assistant) {
  const { isError, text, result } = await by.call('importNotes', { ...args });
  expect(isError, text).toBe(false);
  return result;
}

async function refused(args: object): Promise<string> {
  const { isError, text } = await assistant.call('importNotes', { ...args });
  expect(isError, text).toBe(true);
  return text;
}

/** Returns the fields and tags of all notes, oldest first. */
async function saved() {
  const notes = await engine.call('notesInfo', { query: 'deck:*' });
  return notes.map(({ fields = {}, tags }) => ({
    ...Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value])),
    ...(tags && tags.length > 0 && { tags }),
  }));
}

const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

test('imports a comma file whose cells contain clock times and bars', async () => {
  const text = 'front,back\n10:30,"lunch, warm"\nblue,x|y\n"a ""b"" <c>","one\ntwo"\n';
  expect(await run({ ...basic, path: file('a.csv', text) })).toEqual({
    rows: 3,
    created: 3,
    reading: { separator: 'comma', header: true, html: false, columns: ['front → Front', 'back → Back'] },
  });
  expect(await saved()).toEqual([
    { Front: '10:30', Back: 'lunch, warm' },
    { Front: 'blue', Back: 'x|y' },
    { Front: 'a "b" &lt;c&gt;', Back: 'one<br>two' },
  ]);
});

test.each([
  ['time,what\n10:30,lunch\n', 'comma', ['time', 'what']],
  ['word,reading,meaning\nred,akai,"bright, warm"\nblue,aoi,x|y\n', 'comma', ['word', 'reading']],
  ['a\tb, c\nd\te, f\n', 'tab', ['1', '2']],
  ['Haus;house, home\nBaum;tree, wood\n', undefined, ['1', '2']],
])(
  'without a mapping of the first field, imports nothing and says what to pass: %j',
  async (text, separator, names) => {
    const unclear = await run({ ...basic, text });
    expect(unclear).toMatchObject({ nothingImported: [expect.any(String)] });
    if (separator === undefined)
      expect(unclear).toMatchObject({ nothingImported: [expect.stringContaining('separator')] });
    else {
      expect(unclear).toMatchObject({
        reading: { separator },
        nothingImported: [expect.stringContaining('"Front", the first field of Basic')],
      });
    }
    expect(await saved()).toEqual([]);
    const columns = { [names[0] ?? '']: 'Front', [names[1] ?? '']: 'Back' };
    const header = names[0] !== '1';
    const result = await run({
      ...basic,
      text,
      columns,
      header,
      ...(separator === undefined && { separator: 'semicolon' }),
    });
    expect(result).toMatchObject({ created: text.trim().split('\n').length - (header ? 1 : 0) });
  },
);

test('needs to know whether the first row holds names, if the columns are numbers', async () => {
  const args = { ...basic, text: 'Wort,word\nHaus,house\n', columns: { 1: 'Front', 2: 'Back' } };
  expect(await run(args)).toMatchObject({ nothingImported: [expect.stringContaining('header: true')] });
  expect(await run({ ...args, header: true })).toMatchObject({ created: 1 });
  expect(await run({ ...args, header: false })).toMatchObject({ created: 1, alreadyThere: 1 });
});

test('lists 20 of many duplicates, and says that there are more', async () => {
  const text = Array.from({ length: 30 }, (_, at) => `word ${at},x\n`).join('');
  const args = { ...basic, text, columns: { 1: 'Front', 2: 'Back' }, header: false };
  expect(await run(args)).toMatchObject({ created: 30 });
  expect(await run(args)).toMatchObject({
    alreadyThere: 30,
    alreadyThereRows: { length: 20 },
    cut: expect.stringContaining('The totals count all'),
  });
});

test("follows Anki's header lines", async () => {
  const text = [
    '#separator:Pipe',
    '#html:true',
    '#notetype column:1',
    '#deck column:2',
    '#tags column:5',
    '#tags:all',
    '# a comment',
    'Basic|New::Deck|<b>a</b>|"x|y"|one two',
    '#Basic|New|left|out|',
    'Cloze|Default|{{c1::z}}||',
    'Nope|Default|q|w|',
  ].join('\n');
  expect(await run({ text, createDecks: true })).toMatchObject({
    rows: 3,
    created: 2,
    leftOut: 1,
    decksMade: ['New::Deck'],
    leftOutRows: [{ rows: '11', why: expect.stringContaining('"Nope"') }],
  });
  expect(await saved()).toEqual([
    { Front: '<b>a</b>', Back: 'x|y', tags: ['all', 'one', 'two'] },
    { Text: '{{c1::z}}', 'Back Extra': '', tags: ['all'] },
  ]);
});

test('reports rows that exist, that are twice in the file, and that have too many cells', async () => {
  await run({ ...basic, text: 'Front,Back\nold,1\n' });
  const text = 'Front,Back,Tags\nnew,1,"a, b"\nold,2,\nnew,3,\n,4,\ntoo,many,cells,here\nshort\n';
  const found = await run({ ...basic, text, dryRun: true });
  expect(found).toMatchObject({
    dryRun: expect.any(String),
    rows: 6,
    created: 2,
    alreadyThere: 1,
    twiceInFile: 1,
    leftOut: 2,
    preview: [{ row: 2, fields: { Front: 'new', Back: '1' }, tags: ['a', 'b'] }, {}, {}],
    leftOutRows: [
      { rows: '5', why: expect.stringContaining('"Front", is empty') },
      { rows: '6', why: expect.stringContaining('4 cells') },
    ],
    alreadyThereRows: [{ row: 3, first: 'old', id: expect.any(Number) }],
    twiceInFileRows: [{ row: 4, first: 'new', sameAs: 2 }],
    warnings: [{ rows: '7', why: expect.stringContaining('fewer cells') }],
  });
  expect(await saved()).toHaveLength(1);
  expect(await run({ ...basic, text, onDuplicate: 'update' })).toMatchObject({ created: 2, updated: 1 });
  expect(await saved()).toContainEqual({ Front: 'old', Back: '2' });
});

test('stores the files of a column and lists those that are missing', async () => {
  const mediaFolder = join(folder, 'media');
  mkdirSync(mediaFolder);
  writeFileSync(join(mediaFolder, 'Cat.png'), Buffer.from(png, 'base64'));
  writeFileSync(join(folder, 'secret.png'), Buffer.from(png, 'base64'));
  writeFileSync(join(mediaFolder, 'text.png'), 'no picture');
  await engine.call('storeMediaFile', { filename: 'there.mp3', data: png });
  const text =
    'Front,Back,file\na,1,Cat.png\nb,2,there.mp3\nc,3,none.mp3\nd,4,../secret.png\ne,5,text.png\nf,6,\n';
  const args = { ...basic, text, columns: { file: 'media:Back' }, mediaFolder };
  const expected = {
    created: 4,
    leftOut: 2,
    missingMedia: 1,
    missingFiles: [{ file: 'none.mp3', rows: '4' }],
    leftOutRows: [
      { rows: '5', why: expect.stringContaining('not below the media folder') },
      { rows: '6', why: expect.stringContaining('not a picture') },
    ],
  };
  expect(await run({ ...args, dryRun: true })).toMatchObject(expected);
  expect(await engine.call('getMediaFilesNames', {})).toEqual(['there.mp3']);
  expect(await run(args)).toMatchObject(expected);
  expect(await saved()).toEqual([
    { Front: 'a', Back: '1<br><img src="cat.png">' },
    { Front: 'b', Back: '2<br>[sound:there.mp3]' },
    { Front: 'c', Back: '3<br>[sound:none.mp3]' },
    { Front: 'f', Back: '6' },
  ]);
});

test('reads only files and folders that are allowed', async () => {
  const other = join(temporaryFolder(), 'a.csv');
  writeFileSync(other, 'Front,Back\na,b\n');
  expect(await refused({ ...basic, path: other })).toContain('is not allowed');
  const columns = { Back: 'media:Back' };
  const text = 'Front,Back\na,b.png\n';
  expect(await refused({ ...basic, text, columns, mediaFolder: temporaryFolder() })).toContain(
    'is not allowed',
  );
  expect(await refused({ ...basic, path: join(folder, 'none.csv') })).toContain('does not exist');
  expect(await refused(basic)).toContain('either path or text');
  expect(await run({ ...basic, text, columns, mediaFolder: folder })).toMatchObject({
    created: 1,
    missingMedia: 1,
  });
});

test('reads UTF-16 from a spreadsheet, and refuses other encodings and quotation marks that are not closed', async () => {
  const utf16 = Buffer.from('\uFEFFFront\tBack\r\nschön\tnice\r\n', 'utf16le');
  expect(await run({ ...basic, path: file('a.txt', utf16) })).toMatchObject({ created: 1 });
  expect(
    await refused({ ...basic, path: file('b.csv', Buffer.from('Front,Back\nsch\xf6n,x\n', 'latin1')) }),
  ).toContain('UTF-8');
  expect(await refused({ ...basic, separator: 'comma', text: 'Front,Back\na,b\n"c,d\ne,f\n' })).toContain(
    'after row 2',
  );
  expect(await saved()).toEqual([{ Front: 'schön', Back: 'nice' }]);
});

test('the engine imports 1,200 rows as one undo step and reports progress', async () => {
  const rows = Array.from({ length: 1200 }, (_, index) => `word ${index},${index}`);
  const path = file('many.csv', ['Front,Back', ...rows, 'word 3,again'].join('\n'));
  const messages: (string | undefined)[] = [];
  const onprogress = ({ message }: { message?: string | undefined }) => void messages.push(message);
  const { result } = await assistant.call('importNotes', { ...basic, path }, { onprogress });
  expect(result).toMatchObject({ created: 1200, twiceInFile: 1 });
  expect(messages).toContain('wrote 1000 of 1201 rows');
  expect(await saved()).toHaveLength(1200);
  await assistant.call('guiUndo');
  expect(await saved()).toHaveLength(0);
});

test('on the desktop, 1,200 rows take three requests for each batch, and one more', async () => {
  const anki = await desktop(engine);
  const user = await Assistant.of(anki.backend);
  const rows = Array.from({ length: 1200 }, (_, index) => `word ${index}\t${index}`);
  const result: Json | undefined = await run({ ...basic, text: ['Front\tBack', ...rows].join('\n') }, user);
  expect(result).toMatchObject({ created: 1200 });
  expect(anki.requests.length).toBe(1 + 3 * 3);
  expect(await saved()).toHaveLength(1200);
  await user.close();
  await anki.close();
});

test('answers within the limit, whatever the rows are', async () => {
  const small = await Assistant.of(engine, { maxResult: 1500 });
  const rows = Array.from(
    { length: 400 },
    (_, index) => `${'w'.repeat(300)} ${index % 50},${'y,'.repeat(index % 7)}`,
  );
  const text = ['Front,Back', ...rows].join('\n');
  const result = await run({ ...basic, text }, small);
  expect(JSON.stringify(result).length).toBeLessThan(1500);
  expect(result).toMatchObject({ rows: 400 });
  const unclear = await run({ modelName: 'Basic', text: text.replace('Front', 'Wort') }, small);
  expect(JSON.stringify(unclear).length).toBeLessThan(1500);
  await small.close();
});
