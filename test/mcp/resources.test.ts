import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { jsonContents } from '../../src/mcp/resources/resource.ts';
import { contextOf } from '../../src/tools/tool.ts';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';
import { backendDouble } from '../support/backend-double.ts';

const odd = 'A/B::C?#';
const japanese = '日本語::N1 100%';
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let engine: Engine;
let close: () => Promise<void>;
let assistant: Assistant;
let note = 0;

beforeAll(async () => {
  ({ engine, close } = temporaryEngine());
  for (const deck of [odd, japanese, 'current', '50%25']) await engine.call('createDeck', { deck });
  const add = (deckName: string, modelName: string, fields: Record<string, string>) =>
    engine.call('addNote', { note: { deckName, modelName, fields, tags: ['t'] } });
  note = await add(odd, 'Basic', { Front: 'What is<br><b>this</b>?', Back: '<img src="a.png"> \\(x<y\\)' });
  await add(japanese, 'Cloze', { Text: 'ねこ is {{c1::cat}}', 'Back Extra': '' });
  await add('current', 'Basic', { Front: 'in the deck named current', Back: '' });
  await engine.call('storeMediaFile', { filename: 'ねこ 1.png', data: png });
  await engine.call('storeMediaFile', { filename: '_font.bin', data: 'AAAA' });
});
afterAll(() => close());

beforeEach(async () => {
  assistant = await Assistant.of(engine);
});
afterEach(() => assistant.close());

const read = async (uri: string) => {
  const { contents } = await assistant.client.readResource({ uri });
  expect(contents).toHaveLength(1);
  const [content] = contents;
  expect(content?.uri).toBe(uri);
  return content;
};
const readText = async (uri: string): Promise<string> => {
  const content = await read(uri);
  return content && 'text' in content ? content.text : '';
};
const readJson = async (uri: string) => JSON.parse(await readText(uri));
const refusal = async (asking: Promise<unknown>) =>
  asking.then(
    () => ({ code: 0, message: 'no refusal' }),
    (error: { code: number; message: string }) => ({ code: error.code, message: error.message }),
  );

test('the lists come without a call to Anki, and a read-only server has them too', async () => {
  const silent = backendDouble(() => Promise.reject(new Error('called')));
  const { client } = await Assistant.of(silent, { tools: [] });
  const { resources } = await client.listResources();
  expect(resources.map(({ uri }) => uri)).toEqual(['anki://overview', 'anki://search-syntax']);
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
    'anki://deck/{name}',
    'anki://note-type/{name}',
    'anki://note/{id}',
    'anki://card/{id}',
    'anki://media/{name}',
  ]);
});

test('the overview is the one that the tool gives', async () => {
  expect(await readJson('anki://overview')).toEqual((await assistant.call('overview')).result);
});

test.each([
  ['as encodeURIComponent writes it', `anki://deck/${encodeURIComponent(odd)}`, odd],
  ['as it stands', `anki://deck/${odd}`, odd],
  ['Japanese, encoded', `anki://deck/${encodeURIComponent(japanese)}`, japanese],
  ['Japanese with a bare %', `anki://deck/${japanese}`, japanese],
  ['as URL normalises it', new URL(`anki://deck/${odd}`).href, odd],
  ['a name that looks encoded, encoded', `anki://deck/${encodeURIComponent('50%25')}`, '50%25'],
  ['a name that looks encoded, as it stands', 'anki://deck/50%25', '50%25'],
])('a deck by its name, %s', async (_, uri, name) => {
  expect(await readJson(uri)).toMatchObject({ name, optionsGroup: 'Default' });
});

test('a deck tells its counts, its child decks and its latest notes', async () => {
  expect(await readJson('anki://deck/A%2FB')).toMatchObject({
    new: 1,
    due: 0,
    cardsWithoutChildDecks: 0,
    notes: 1,
    childDecks: [{ name: odd, new: 1, cardsWithoutChildDecks: 1 }],
    decksBelow: 1,
    latestNotes: [{ noteId: note, noteType: 'Basic', tags: ['t'], fields: { Front: 'What is\nthis?' } }],
  });
  expect(await readJson('anki://deck/current')).toMatchObject({ notes: 1, new: 1 });
});

test('a deck that does not exist is not made', async () => {
  const before = await engine.call('deckNames', {});
  const { code, message } = await refusal(read('anki://deck/Defualt'));
  expect(code).toBe(-32602);
  expect(message).toContain('There is no deck "Defualt"; did you mean "Default"?');
  expect(await engine.call('deckNames', {})).toEqual(before);
});

test('a note type comes with its templates, its CSS and an example', async () => {
  expect(await readJson('anki://note-type/Cloze')).toMatchObject({
    structure: 'cloze',
    fields: ['Text', 'Back Extra'],
    templates: [{ name: 'Cloze', front: '{{cloze:Text}}' }],
    css: expect.stringContaining('.cloze'),
    notes: 1,
    examples: [{ fields: { Text: 'ねこ is {{c1::cat}}' } }],
  });
});

test('a note and its card', async () => {
  const [card] = await engine.call('findCards', { query: `nid:${note}` });
  expect(await readJson(`anki://note/${note}`)).toMatchObject({
    noteType: 'Basic',
    fields: { Front: 'What is<br><b>this</b>?' },
    cards: [{ cardId: card, deck: odd, state: 'new' }],
  });
  expect(await readJson(`anki://card/${card}`)).toMatchObject({
    noteId: note,
    deck: odd,
    state: 'new',
    question: 'What is\nthis?',
    answer: expect.stringMatching(/\[image: a\.png\] \\\(x<y\\\)$/),
  });
});

test('media come as they are, with their type', async () => {
  expect(await read(`anki://media/${encodeURIComponent('ねこ 1.png')}`)).toMatchObject({
    mimeType: 'image/png',
    blob: png,
  });
  expect(await read('anki://media/_font.bin')).toMatchObject({ mimeType: 'application/octet-stream' });
});

test('a large file is not sent, but its place is told', async () => {
  await engine.call('storeMediaFile', {
    filename: 'large.bin',
    data: Buffer.alloc(5_000_001).toString('base64'),
  });
  const { code, message } = await refusal(read('anki://media/large.bin'));
  expect(code).toBe(-32603);
  expect(message).toContain(`5 MB is the limit. It lies in ${await engine.call('getMediaDirPath', {})}`);
});

test('every search on the page of the syntax is one that Anki takes', async () => {
  const page = await readText('anki://search-syntax');
  const searches = [...page.matchAll(/^- `(.+?)` /gm)].map(([, search = '']) => search);
  expect(searches.length).toBeGreaterThan(50);
  for (const query of searches) {
    await expect(engine.call('findCards', { query }), query).resolves.toBeInstanceOf(Array);
  }
  expect(Buffer.byteLength(page)).toBeLessThan(6000);
});

test.each([
  ['anki://decks/Default', 'There are: anki://overview, anki://search-syntax, anki://deck/{name}'],
  ['file:///etc/passwd', 'There is no resource'],
  ['anki://overview/more', 'There is no resource'],
  ['anki://deck/', 'There is no deck ""'],
  ['anki://note-type/basic', 'did you mean "Basic"?'],
  ['anki://note/12', 'Note 12 cannot be read: no such note.'],
  ['anki://note/Default', 'There is no note "Default"'],
  ['anki://card/0x10', 'There is no card "0x10"'],
  ['anki://card/7', 'Card 7 cannot be read: no such card.'],
  ['anki://media/..%2Fcollection.anki2', 'There is no media file "../collection.anki2"'],
  ['anki://media/none.png', 'There is no media file "none.png"'],
  ['anki://deck/%E0%A4%A', 'There is no deck "%E0%A4%A"'],
])('%s is refused with a hint', async (uri, hint) => {
  const { code, message } = await refusal(assistant.client.readResource({ uri }));
  expect(code).toBe(-32602);
  expect(message).toContain(hint);
});

const completed = async (uri: string, value: string, name = 'name') =>
  (await assistant.client.complete({ ref: { type: 'ref/resource', uri }, argument: { name, value } }))
    .completion;

test('names are completed, beginnings first', async () => {
  expect(await completed('anki://deck/{name}', 'c')).toMatchObject({
    values: ['current', odd],
    hasMore: false,
  });
  expect((await completed('anki://deck/{name}', '日本')).values).toEqual(['日本語', japanese]);
  expect((await completed('anki://note-type/{name}', 'CLO')).values).toEqual(['Cloze']);
  expect((await completed('anki://media/{name}', 'png')).values).toEqual(['ねこ 1.png']);
  expect((await completed('anki://note/{id}', '1', 'id')).values).toEqual([]);
  expect((await refusal(completed('anki://decks/{name}', ''))).code).toBe(-32602);
});

test('completions and results are bounded', async () => {
  const { engine, close } = temporaryEngine();
  const { client } = await Assistant.of(engine);
  try {
    const decks = Array.from({ length: 400 }, (_, index) => `Many::deck number ${index}`);
    await engine.call('multi', {
      actions: decks.map((deck) => ({ action: 'createDeck', params: { deck } })),
    });
    const fields = { Front: '漢'.repeat(40_000), Back: '"'.repeat(40_000) };
    const id = await engine.call('addNote', { note: { deckName: 'Many', modelName: 'Basic', fields } });
    const ref = { type: 'ref/resource' as const, uri: 'anki://deck/{name}' };
    const { completion } = await client.complete({ ref, argument: { name: 'name', value: 'number' } });
    expect(completion).toMatchObject({ total: 400, hasMore: true });
    expect(completion.values).toHaveLength(100);
    for (const uri of [
      'anki://deck/Many',
      `anki://note/${id}`,
      'anki://note-type/Basic',
      'anki://overview',
    ]) {
      const { contents } = await client.readResource({ uri });
      const [content] = contents;
      const text = content && 'text' in content ? content.text : '';
      expect(Buffer.byteLength(text), uri).toBeLessThanOrEqual(16_000);
      expect(() => JSON.parse(text), uri).not.toThrow();
    }
    const [content] = (await client.readResource({ uri: `anki://note/${id}` })).contents;
    expect(content).toMatchObject({ text: expect.stringMatching(/漢… \(\d+ more characters\)/) });
  } finally {
    await client.close();
    await close();
  }
});

test('what fits is left as it is, and what does not says how much is missing', () => {
  const context = { ...contextOf({ backend: engine }), budget: 300 };
  const fitting = { id: 1n << 60n, list: ['a', 'b'], text: 'short' };
  expect(jsonContents(fitting, context)).toMatchObject({
    text: '{"id":"1152921504606846976","list":["a","b"],"text":"short"}',
  });
  const long = { list: Array.from({ length: 500 }, (_, index) => index), name: 'kept' };
  expect(jsonContents(long, context)).toMatchObject({
    text: expect.stringMatching(/^\{"list":\[0,1,.*"… \d+ more"\],"name":"kept"\}$/),
  });
});
