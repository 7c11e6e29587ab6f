import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Backend } from '../../../src/contract/backend.ts';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { manifest } from '../../../src/tools/manifest.ts';
import { Assistant } from '../../support/assistant.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { desktop } from '../../support/desktop.ts';

let engine: Engine;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  await engine.call('createDeck', { deck: 'My deck' });
});

afterEach(() => close());

interface Found {
  readonly result: readonly {
    readonly id: number;
    readonly fields: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  }[];
  readonly total: number;
  readonly nextOffset?: number;
  readonly note?: string;
}

/** Calls searchNotes. Returns its result with its size in bytes; of an error, the message as note. */
async function search(args: object, backend: Backend = engine) {
  const assistant = await Assistant.of(backend, { tools: manifest() });
  const { isError, text } = await assistant.call('searchNotes', { ...args });
  await assistant.close();
  const found: Found = isError ? { result: [], total: -1, note: text } : JSON.parse(text);
  return { ...found, bytes: Buffer.byteLength(text), isError };
}

const basic = (Front: string, Back: string, tags: string[] = []) => ({
  deckName: 'My deck',
  modelName: 'Basic',
  fields: { Front, Back },
  tags,
  options: { allowDuplicate: true },
});

test('summarizes notes, newest first, with the states of their cards', async () => {
  await engine.call('addNote', { note: basic('<b>dog</b><br>hund', '<img src="dog.png">', ['pet', 'x::y']) });
  const reversed = await engine.call('addNote', {
    note: { ...basic('cat', 'Katze'), modelName: 'Basic (and reversed card)' },
  });
  const [first = 0, second = 0] = await engine.call('findCards', { query: `nid:${reversed}` });
  await engine.call('setDueDate', { cards: [first], days: '0' });
  await engine.call('changeDeck', { cards: [second], deck: 'Other' });
  await engine.call('suspend', { cards: [second] });
  const { result, total, nextOffset } = await search({ query: '' });
  expect({ total, nextOffset }).toEqual({ total: 2, nextOffset: undefined });
  expect(result).toEqual([
    {
      id: reversed,
      type: 'Basic (and reversed card)',
      deck: 'My deck, Other',
      fields: { Front: 'cat', Back: 'Katze' },
      cards: { new: 1, review: 1, due: 1, suspended: 1 },
      due: expect.stringMatching(/^today, /),
    },
    {
      id: expect.any(Number),
      type: 'Basic',
      deck: 'My deck',
      tags: ['pet', 'x::y'],
      fields: { Front: 'dog\nhund', Back: '[image: dog.png]' },
      cards: { new: 1 },
      due: 'new',
    },
  ]);
});

test('shows the text around the match, and longer text of chosen fields', async () => {
  const long = `${'before '.repeat(60)}the Needle 😀 in it ${'after '.repeat(60)}`.trim();
  await engine.call('addNote', { note: basic('front', long) });
  for (const query of ['needle', 'Back:*needle*', '(needle or other) -absent deck:"My deck"', 'w:needle']) {
    const { result } = await search({ query });
    expect(result[0]?.fields['Back'], query).toMatch(/^….*the Needle 😀 in it .*…$/);
    expect(result[0]?.fields['Back']?.length).toBeLessThan(110);
  }
  const { result: start } = await search({ query: 'deck:"My deck" -needles tag:none' });
  expect(start[0]?.fields['Back']).toMatch(/^before .*…$/);
  const { result: chosen } = await search({ query: 'needle', fields: ['back'] });
  expect(chosen[0]?.fields).toEqual({ Back: long });
  const { note } = await search({ query: 'needle', fields: ['Bcak'] });
  expect(note).toBe('None of these notes has a field "Bcak". Their fields: Front, Back.');
});

test('5,000 notes take under 10 KB, and pages neither skip nor repeat notes', async () => {
  const text = 'Ein langer Text mit Umlauten: äöüß. '.repeat(20);
  const notes = Array.from({ length: 5_000 }, (_, index) =>
    basic(`${index} ${text}`, text, ['tag-one', 'b']),
  );
  await engine.call('addNotes', { notes });
  const { result, total, nextOffset = 0, bytes } = await search({ query: 'umlaut*' });
  expect(total).toBe(5_000);
  expect(bytes).toBeLessThan(10_000);
  expect(result).toHaveLength(nextOffset);
  const seen = new Set(result.map(({ id }) => id));
  const next = await search({ query: 'umlaut*', offset: nextOffset, limit: 100 });
  for (const { id } of next.result) seen.add(id);
  expect(next.nextOffset).toBe(nextOffset + 100);
  expect(seen.size).toBe(nextOffset + 100);
  expect((await search({ query: 'umlaut*', offset: 5_000 })).note).toBe('There are only 5000 notes.');
});

test('explains a search that Anki cannot parse, and one that finds nothing', async () => {
  await engine.call('addNote', { note: basic('a', 'b') });
  const bad = await search({ query: 'deck:"My deck' });
  expect(bad.isError).toBe(true);
  expect(bad.note).toMatch(/^Invalid search: an opening double quote `"` was found/);
  expect(bad.note).toContain('deck:"My deck", tag:verb');
  // Anki reports this error only if there is a note to search, and in HTML.
  const broken = await search({ query: '"re:(a"' });
  expect(broken).toMatchObject({ isError: true, note: expect.stringContaining('is:suspended') });
  expect(broken.note).not.toMatch(/<pre>/);
  expect((await search({ query: 'deck:My deck' })).note).toMatch(/^No note was found/);
});

test('says which note has no cards, and shows the others', async () => {
  await engine.call('createModel', {
    modelName: 'Two',
    inOrderFields: ['F', 'B'],
    cardTemplates: [
      { Name: 'One', Front: '{{F}}', Back: '{{B}}' },
      { Name: 'Two', Front: '{{B}}', Back: '{{F}}' },
    ],
  });
  const two = { deckName: 'My deck', modelName: 'Two', fields: { F: '', B: 'only the second' } };
  const bare = await engine.call('addNote', { note: { ...two, fields: { F: 'x', B: '' } } });
  await engine.call('modelTemplateRemove', { modelName: 'Two', templateName: 'One' });
  const good = await engine.call('addNote', { note: basic('a', 'b') });
  const { result, total, note } = await search({ query: '' });
  expect({ total, note }).toEqual({ total: 2, note: `Left out: ${bare} (the note has no cards).` });
  expect(result.map(({ id }) => id)).toEqual([good]);
});

test('takes 3 requests on the desktop for any number of new cards', async () => {
  const notes = Array.from({ length: 30 }, (_, index) => basic(`${index}`, 'b'));
  await engine.call('addNotes', { notes });
  const { backend, requests, close: leave } = await desktop(engine);
  const { result } = await search({ query: '', limit: 30 }, backend);
  await leave();
  expect(result).toHaveLength(30);
  expect(requests).toHaveLength(3);
});
