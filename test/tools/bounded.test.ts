import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actions } from '../../src/contract/index.ts';
import { readConfig } from '../../src/cli/config.ts';
import { manifest } from '../../src/tools/manifest.ts';
import { Assistant, type CallResult } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';

const { engine, close } = temporaryEngine();
const tools = manifest();
const css = `.card { color: red; }\n/*${'x'.repeat(20_000)}*/`;
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const mp3 = Buffer.from('ID3\u0004\0\0\0\0\0\0');
let assistant: Assistant;
let addResult: CallResult;

const parsed = ({ text }: CallResult) => JSON.parse(text);
const store = (filename: string, data: Buffer) =>
  engine.call('storeMediaFile', { filename, data: data.toString('base64') });

beforeAll(async () => {
  assistant = await Assistant.of(engine, { tools });
  await assistant.client.listTools(); // from now on, the client checks results with the output schemas
  const notes = Array.from({ length: 1500 }, (_, index) => ({
    deckName: 'Default',
    modelName: 'Basic',
    fields: { Front: `${index}`, Back: 'b' },
  }));
  addResult = await assistant.call('addNotes', { notes });
  for (let index = 0; index < 600; index++) {
    await engine.call('createDeck', { deck: `A deck with quite a long name ${index}` });
  }
  const model = { inOrderFields: ['F'], cardTemplates: [{ Name: 'C', Front: '{{F}}', Back: 'b {{F}}' }] };
  await engine.call('createModel', { modelName: 'Styled', ...model, css });
  await engine.call('createDeck', { deck: 'Styled' });
  const note = { deckName: 'Styled', modelName: 'Styled', fields: { F: 'styled' } };
  await engine.call('addNote', { note });
});

afterAll(async () => {
  await assistant.close();
  await close();
});

test('the pages of a long list add up to the complete list', async () => {
  const complete = await engine.call('findNotes', { query: '' });
  const found: unknown[] = [];
  let pages = 0;
  for (let offset: number | undefined = 0; offset !== undefined; pages++) {
    const response = await assistant.call('findNotes', { query: '', ...(offset > 0 && { offset }) });
    expect(Buffer.byteLength(response.text)).toBeLessThanOrEqual(16_000);
    const { result, total, nextOffset } = parsed(response);
    expect(total).toBe(1501);
    found.push(...result);
    offset = nextOffset;
  }
  expect(pages).toBe(2);
  expect(found).toEqual(complete);
});

test('a limit replaces the default byte limit, and an offset skips items', async () => {
  const page = async (args: object) => parsed(await assistant.call('findNotes', { query: '', ...args }));
  const complete = await engine.call('findNotes', { query: '' });
  expect(await page({ limit: 9999 })).toEqual({ result: complete, total: 1501 });
  expect(await page({ limit: 2, offset: 3 })).toEqual({
    result: complete.slice(3, 5),
    total: 1501,
    nextOffset: 5,
  });
  expect(await page({ offset: 1500 })).toEqual({ result: complete.slice(1500), total: 1501 });
  expect(await page({ offset: 5000 })).toEqual({ result: [], total: 1501 });
  expect(await page({ query: 'front:7' })).toEqual({ result: [expect.any(Number)] });
});

test('a long map has pages too', async () => {
  const first = parsed(await assistant.call('deckNamesAndIds'));
  expect(first.total).toBe(602);
  const { result: rest } = parsed(await assistant.call('deckNamesAndIds', { offset: first.nextOffset }));
  expect({ ...first.result, ...rest }).toEqual(await engine.call('deckNamesAndIds', {}));
});

test('a call that must not be repeated has no next page', async () => {
  const { result, total, nextOffset, note } = parsed(addResult);
  expect(result.length).toBeGreaterThan(1000);
  expect([total, nextOffset]).toEqual([1500, undefined]);
  expect(note).toMatch(/ran completely, but its result was cut/);
  const create = { action: 'createDeck', params: { deck: 'A deck' } };
  const [version, long] = [{ action: 'version' }, { action: 'deckNames' }];
  const multi = async (...batch: object[]) => parsed(await assistant.call('multi', { actions: batch }));
  const reads = await multi(version, long, version);
  expect(reads).toEqual({ result: [{ result: 6, error: null }], total: 3, nextOffset: 1 });
  const writes = await multi(create, long, version);
  expect(writes).toMatchObject({ result: [{ error: null }], total: 3, note: expect.any(String) });
  expect(writes).not.toHaveProperty('nextOffset');
});

test.each([
  ['findNotes', { query: '', limit: -1 }, 'limit: expected at least 1'],
  ['findNotes', { query: '', offset: -1 }, 'offset: expected at least 0'],
  ['createDeck', { deck: 'X', limit: 1 }, 'unknown member "limit"'],
  ['deckNames', { css: false }, 'unknown member "css"'],
  ['multi', { actions: [{ action: 'deckNames', params: { css: false } }] }, 'actions[0]'],
])('%s %j is refused', async (name, args, message) => {
  const { isError, text } = await assistant.call(name, args);
  expect(isError).toBe(true);
  expect(text).toContain(message);
});

test('an item over the byte limit is named in the error, and a limit returns it', async () => {
  const back = 'long '.repeat(4000);
  const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'long', Back: back } };
  const id = await engine.call('addNote', { note });
  const refused = await assistant.call('notesInfo', { notes: [id] });
  expect(refused.isError).toBe(true);
  expect(refused.text).toMatch(/Item 0 of the result .* is 21 KB; the limit is 16 KB\. .*limit/);
  const complete = await assistant.call('notesInfo', { notes: [id], limit: 1 });
  expect(complete.result).toEqual(await engine.call('notesInfo', { notes: [id] }));
});

test('css: false omits the CSS of cards', async () => {
  const cards = await engine.call('findCards', { query: 'styled' });
  const [card] = await engine.call('cardsInfo', { cards });
  const refused = await assistant.call('cardsInfo', { cards });
  expect(refused.text).toMatch(/is 61 KB.*css: false/);
  const { css: _, ...rest } = card ?? {};
  const plain = { ...rest, question: 'styled', answer: 'b styled' };
  expect(parsed(await assistant.call('cardsInfo', { cards, css: false }))).toEqual({ result: [plain] });
  expect((await assistant.call('cardsInfo', { cards, limit: 1 })).result).toEqual([card]);

  await engine.call('guiDeckReview', { name: 'Styled' });
  expect((await assistant.call('guiCurrentCard')).text).toMatch(/is 61 KB.*css: false/);
  const { css: __, ...current } = await engine.call('guiCurrentCard', {});
  const shown = await assistant.call('guiCurrentCard', { css: false });
  expect(shown.result).toEqual({ ...current, question: 'styled', answer: 'b styled' });
});

test('the error for a result that cannot be cut names a smaller call', async () => {
  const { isError, text } = await assistant.call('modelStyling', { modelName: 'Styled' });
  expect(isError).toBe(true);
  expect(text).toContain('findModelsByName with limit: 1');
  const { result } = await assistant.call('findModelsByName', { modelNames: ['Styled'], limit: 1 });
  expect(result).toMatchObject([{ css }]);
  const small = await Assistant.of(engine, { tools, maxResult: 1000 });
  expect((await small.call('getCollectionStatsHTML')).text).toMatch(/limit is 1 KB.*getDeckStats/);
  expect((await small.call('findNotes', { query: '' })).text.length).toBeLessThanOrEqual(1000);
  await small.close();
});

test('returns pictures and sounds as content, and other files as base64', async () => {
  const picture = await store('a.jpg', png);
  const sound = await store('b.dat', mp3);
  await store('c.png', Buffer.from('no picture'));
  const shown = await assistant.call('retrieveMediaFile', { filename: picture });
  const data = png.toString('base64');
  expect(shown.content).toEqual([
    { type: 'image', mimeType: 'image/png', data },
    { type: 'text', text: 'a.jpg, image/png, 1 KB' },
  ]);
  const played = await assistant.call('retrieveMediaFile', { filename: sound });
  expect(played.content[0]).toMatchObject({ type: 'audio', mimeType: 'audio/mpeg' });
  const other = await assistant.call('retrieveMediaFile', { filename: 'c.png' });
  expect([other.text, other.result]).toEqual(['{"result":"bm8gcGljdHVyZQ=="}', 'bm8gcGljdHVyZQ==']);
  const none = await assistant.call('retrieveMediaFile', { filename: 'd.png' });
  expect([none.text, none.result]).toEqual(['{"result":false}', false]);
});

test('reports the size and path of a file that is too large', async () => {
  const large = (start: Buffer, length: number) => Buffer.concat([start, Buffer.alloc(length, 'x')]);
  await store('large.png', large(png, 1_600_000));
  await store('large.txt', large(Buffer.alloc(0), 13_000));
  const picture = await assistant.call('retrieveMediaFile', { filename: 'large.png' });
  expect(picture.isError).toBe(false);
  expect(picture.text).toMatch(/^large\.png, image\/png, 1\.6 MB: too large to send \(limit 1\.5 MB\)/);
  const text = await assistant.call('retrieveMediaFile', { filename: 'large.txt' });
  expect(text.isError).toBe(true);
  expect(text.text).toMatch(
    /^large\.txt, 13 KB: neither a picture nor a sound, and too large to send as base64/,
  );
  for (const response of [picture, text]) {
    expect(existsSync(/Its path on Anki.s machine: (.*)$/.exec(response.text)?.[1] ?? '')).toBe(true);
  }
});

test('the paging options hide no parameter of Anki-Connect, and few tools advertise them', () => {
  const actionsWith = (keys: readonly string[]) =>
    Object.entries(actions).flatMap(([name, { input }]) =>
      keys.filter((key) => Object.hasOwn(input.shape, key)).map(() => name),
    );
  expect(actionsWith(['limit', 'offset'])).toEqual([]);
  expect(actionsWith(['css'])).not.toContain('cardsInfo');
  const toolsWith = (key: string) =>
    tools.filter(({ name, inputSchema }) => name in actions && key in (inputSchema.properties ?? {}));
  expect(toolsWith('offset')).toHaveLength(11);
  expect(toolsWith('css').map(({ name }) => name)).toEqual(
    expect.arrayContaining(['cardsInfo', 'guiCurrentCard']),
  );
});

test('--max-result sets the byte limit', () => {
  expect(readConfig([], {})['max-result']).toBe(16);
  expect(readConfig(['--max-result', '64'], { ANKIWRIGHT_MAX_RESULT: '32' })['max-result']).toBe(64);
  expect(() => readConfig(['--max-result', 'all'], {})).toThrow('--max-result needs a number of KB');
  expect(() => readConfig(['--max-result', '9000'], {})).toThrow('at most 3000 KB');
});
