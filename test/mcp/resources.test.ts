import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { jsonContents } from '../../src/mcp/resources/resource.ts';
import { contextOf } from '../../src/tools/context.ts';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';
import { backendDouble } from '../support/backend-double.ts';

const specialName = 'A/B::C?#';
const japanese = '日本語::N1 100%';
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let engine: Engine;
let close: () => Promise<void>;
let assistant: Assistant;
let note = 0;

beforeAll(async () => {
  ({ engine, close } = temporaryEngine());
  for (const deck of [specialName, japanese, 'current', '50%25']) await engine.call('createDeck', { deck });
  const add = (deckName: string, modelName: string, fields: Record<string, string>) =>
    engine.call('addNote', { note: { deckName, modelName, fields, tags: ['t'] } });
  note = await add(specialName, 'Basic', {
    Front: 'What is<br><b>this</b>?',
    Back: '<img src="a.png"> \\(x<y\\)',
  });
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
const errorOf = async (request: Promise<unknown>) =>
  request.then(
    () => ({ code: 0, message: 'no error' }),
    (error: { code: number; message: string }) => ({ code: error.code, message: error.message }),
  );

test('lists resources without a call to Anki, also if no tool is offered', async () => {
  const unreachable = backendDouble(() => Promise.reject(new Error('called')));
  const { client } = await Assistant.of(unreachable, { tools: [] });
  const { resources } = await client.listResources();
  expect(resources.map(({ uri }) => uri)).toEqual([
    'anki://overview',
    'anki://search-syntax',
    'skill://good-cards/SKILL.md',
    'skill://repair-leeches/SKILL.md',
    'skill://search-syntax/SKILL.md',
    'skill://sound-without-files/SKILL.md',
  ]);
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
    'anki://deck/{name}',
    'anki://note-type/{name}',
    'anki://note/{id}',
    'anki://card/{id}',
    'anki://media/{name}',
  ]);
});

test('the overview equals the result of the tool overview', async () => {
  expect(await readJson('anki://overview')).toEqual((await assistant.call('overview')).result);
});

test.each([
  ['encoded', `anki://deck/${encodeURIComponent(specialName)}`, specialName],
  ['not encoded', `anki://deck/${specialName}`, specialName],
  ['Japanese, encoded', `anki://deck/${encodeURIComponent(japanese)}`, japanese],
  ['Japanese with %, not encoded', `anki://deck/${japanese}`, japanese],
  ['normalized by URL', new URL(`anki://deck/${specialName}`).href, specialName],
  ['a name that looks encoded, encoded', `anki://deck/${encodeURIComponent('50%25')}`, '50%25'],
  ['a name that looks encoded, not encoded', 'anki://deck/50%25', '50%25'],
])('reads a deck by its name: %s', async (_, uri, name) => {
  expect(await readJson(uri)).toMatchObject({ name, optionsGroup: 'Default' });
});

test('a deck contains its counts, child decks and latest notes', async () => {
  expect(await readJson('anki://deck/A%2FB')).toMatchObject({
    new: 1,
    due: 0,
    cardsWithoutChildDecks: 0,
    notes: 1,
    childDecks: [{ name: specialName, new: 1, cardsWithoutChildDecks: 1 }],
    decksBelow: 1,
    latestNotes: [{ noteId: note, noteType: 'Basic', tags: ['t'], fields: { Front: 'What is\nthis?' } }],
  });
  expect(await readJson('anki://deck/current')).toMatchObject({ notes: 1, new: 1 });
});

test('reading a missing deck does not create it', async () => {
  const before = await engine.call('deckNames', {});
  const { code, message } = await errorOf(read('anki://deck/Defualt'));
  expect(code).toBe(-32602);
  expect(message).toContain('Deck "Defualt" does not exist. Did you mean "Default"?');
  expect(await engine.call('deckNames', {})).toEqual(before);
});

test('a note type contains its templates, CSS and an example', async () => {
  expect(await readJson('anki://note-type/Cloze')).toMatchObject({
    structure: 'cloze',
    fields: ['Text', 'Back Extra'],
    templates: [{ name: 'Cloze', front: '{{cloze:Text}}' }],
    css: expect.stringContaining('.cloze'),
    notes: 1,
    examples: [{ fields: { Text: 'ねこ is {{c1::cat}}' } }],
  });
});

test('reads a note and its card', async () => {
  const [card] = await engine.call('findCards', { query: `nid:${note}` });
  expect(await readJson(`anki://note/${note}`)).toMatchObject({
    noteType: 'Basic',
    fields: { Front: 'What is<br><b>this</b>?' },
    cards: [{ cardId: card, deck: specialName, state: 'new' }],
  });
  expect(await readJson(`anki://card/${card}`)).toMatchObject({
    noteId: note,
    deck: specialName,
    state: 'new',
    question: 'What is\nthis?',
    answer: expect.stringMatching(/\[image: a\.png\] \\\(x<y\\\)$/),
  });
});

test('reads media files with their type', async () => {
  expect(await read(`anki://media/${encodeURIComponent('ねこ 1.png')}`)).toMatchObject({
    mimeType: 'image/png',
    blob: png,
  });
  expect(await read('anki://media/_font.bin')).toMatchObject({ mimeType: 'application/octet-stream' });
});

test('refuses a large file and names its folder', async () => {
  await engine.call('storeMediaFile', {
    filename: 'large.bin',
    data: Buffer.alloc(5_000_001).toString('base64'),
  });
  const { code, message } = await errorOf(read('anki://media/large.bin'));
  expect(code).toBe(-32603);
  expect(message).toContain(`the limit is 5 MB. It is in ${await engine.call('getMediaDirPath', {})}`);
});

test('Anki accepts every search of the search syntax page', async () => {
  const page = await readText('anki://search-syntax');
  const searches = [...page.matchAll(/^- `(.+?)` /gm)].map(([, search = '']) => search);
  expect(searches.length).toBeGreaterThan(50);
  for (const query of searches) {
    await expect(engine.call('findCards', { query }), query).resolves.toBeInstanceOf(Array);
  }
  expect(Buffer.byteLength(page)).toBeLessThan(6000);
});

test.each([
  ['anki://decks/Default', 'Existing: anki://overview, anki://search-syntax, anki://deck/{name}'],
  ['file:///etc/passwd', 'The resource file:///etc/passwd does not exist'],
  ['anki://overview/more', 'The resource anki://overview/more does not exist'],
  ['anki://deck/', 'Deck "" does not exist'],
  ['anki://note-type/basic', 'Did you mean "Basic"?'],
  ['anki://note/12', 'Note 12 cannot be read: no such note.'],
  ['anki://note/Default', 'Note "Default" does not exist'],
  ['anki://card/0x10', 'Card "0x10" does not exist'],
  ['anki://card/7', 'Card 7 cannot be read: no such card.'],
  ['anki://media/..%2Fcollection.anki2', 'Media file "../collection.anki2" does not exist'],
  ['anki://media/none.png', 'Media file "none.png" does not exist'],
  ['anki://deck/%E0%A4%A', 'Deck "%E0%A4%A" does not exist'],
])('%s fails with a hint', async (uri, hint) => {
  const { code, message } = await errorOf(assistant.client.readResource({ uri }));
  expect(code).toBe(-32602);
  expect(message).toContain(hint);
});

const complete = async (uri: string, value: string, name = 'name') =>
  (await assistant.client.complete({ ref: { type: 'ref/resource', uri }, argument: { name, value } }))
    .completion;

test('completes names, those that start with the typed text first', async () => {
  expect(await complete('anki://deck/{name}', 'c')).toMatchObject({
    values: ['current', specialName],
    hasMore: false,
  });
  expect((await complete('anki://deck/{name}', '日本')).values).toEqual(['日本語', japanese]);
  expect((await complete('anki://note-type/{name}', 'CLO')).values).toEqual(['Cloze']);
  expect((await complete('anki://media/{name}', 'png')).values).toEqual(['ねこ 1.png']);
  expect((await complete('anki://note/{id}', '1', 'id')).values).toEqual([]);
  expect((await errorOf(complete('anki://decks/{name}', ''))).code).toBe(-32602);
});

test('limits the size of completions and contents', async () => {
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

test('shortens only what exceeds the budget, and says how much is missing', () => {
  const context = { ...contextOf({ backend: engine }), budget: 300 };
  const small = { id: 1n << 60n, list: ['a', 'b'], text: 'short' };
  expect(jsonContents(small, context)).toMatchObject({
    text: '{"id":"1152921504606846976","list":["a","b"],"text":"short"}',
  });
  const large = { list: Array.from({ length: 500 }, (_, index) => index), name: 'kept' };
  expect(jsonContents(large, context)).toMatchObject({
    text: expect.stringMatching(/^\{"list":\[0,1,.*"… \d+ more"\],"name":"kept"\}$/),
  });
});
