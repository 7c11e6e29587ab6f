import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { mediaPolicy } from '../../../../src/tools/media/media-policy.ts';
import { Assistant } from '../../../support/assistant.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { addNotes, guardedServer, overHttp, series } from '../../../support/guarded-server.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** Returns type, deck, fields and tags of all notes. */
async function content(engine: Engine) {
  const notes = await engine.call('notesInfo', { query: 'deck:*' });
  const decks = await engine.call('getDecks', { cards: notes.flatMap(({ cards }) => cards ?? []) });
  return notes.map(({ modelName, fields, tags, cards }) => ({
    modelName,
    fields,
    tags,
    deck: Object.entries(decks).find(([, ids]) => ids.includes(cards?.[0] ?? 0))?.[0],
  }));
}

const fronts = [
  'a,b',
  'a\tb',
  '"q"',
  '#x',
  ' spaces ',
  'two\nlines',
  '<b>bold</b> &amp; <i>x',
  '$x$ y\\(z\\)',
  '语, 言',
];

for (const format of ['csv', 'tsv', 'txt']) {
  test(`notes exported as .${format} and imported into an empty collection have equal fields, tags and decks`, async () => {
    const { engine, close } = temporaryEngine();
    onTestFinished(close);
    await engine.call('createDeck', { deck: 'A::B, "c"' });
    const note = { deckName: 'A::B, "c"', tags: ['x,y', 'über::z'] };
    await engine.call('addNotes', {
      notes: [
        ...fronts.map((Front) => ({ ...note, modelName: 'Basic', fields: { Front, Back: Front } })),
        { ...note, modelName: 'Cloze', fields: { Text: '{{c1::a, b}}', 'Back Extra': '' } },
      ],
    });
    const folder = temporaryFolder();
    const path = join(folder, `notes.${format}`);
    const user = await Assistant.of(engine);
    const { result, text } = await user.call('exportNotes', { query: '', path });
    expect(result, text).toMatchObject({ path, notes: 10, noteTypes: { Basic: 9, Cloze: 1 } });
    const other = temporaryEngine();
    onTestFinished(other.close);
    const reader = await Assistant.of(other.engine, { media: mediaPolicy([folder], engine.capabilities) });
    const imported = await reader.call('importNotes', { path, createDecks: true });
    expect(imported.result, imported.text).toMatchObject({ rows: 10, created: 10 });
    expect(await content(other.engine)).toEqual(await content(engine));
    await user.close();
    await reader.close();
  });
}

test('returns text in pages that are complete tables, within the limit', async () => {
  const { engine, assistant } = await guardedServer(undefined);
  await addNotes(engine, 'Words', series('word', 900));
  const rows: string[] = [];
  let offset: number | undefined = 0;
  while (offset !== undefined) {
    const reply = await assistant.call('exportNotes', {
      query: 'deck:Words',
      format: 'tsv',
      html: false,
      offset,
    });
    expect(Buffer.byteLength(reply.text)).toBeLessThan(16_500);
    const page: { result: { text: string; notes: number }; nextOffset?: number } = JSON.parse(reply.text);
    const lines = page.result.text.trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual(['#separator:Tab', '#html:false']);
    expect(lines).toHaveLength(6 + page.result.notes);
    rows.push(...lines.slice(6));
    offset = page.nextOffset;
  }
  expect(rows).toEqual(series('word', 900).map((word) => `Basic\tWords\tt\t${word}\tb`));
});

for (const isDesktop of [false, true]) {
  test(`${isDesktop ? 'desktop' : 'engine'}: replaces a file only after a question, and refuses other places`, async () => {
    for (const reply of ['accept', 'decline', undefined] as const) {
      const server = await guardedServer(reply, {}, isDesktop ? overHttp : async (engine) => engine);
      await addNotes(server.engine, 'Words', ['one', 'two']);
      const target = temporaryFolder();
      const run = (path: string) => server.assistant.call('exportNotes', { query: 'deck:Words', path });
      const path = join(target, 'words.csv');
      writeFileSync(path, 'mine');
      expect((await run(path)).isError).toBe(reply !== 'accept');
      expect(readFileSync(path, 'utf8') !== 'mine').toBe(reply === 'accept');
      expect(server.questions).toHaveLength(reply === undefined ? 0 : 1);
      expect((await run(join(target, 'words.js'))).text).toContain('does not end in');
      expect((await run(join(target, '.words.csv'))).text).toContain('hidden');
      expect((await run('words.csv')).text).toContain('not an absolute path');
      const media = await server.engine.call('getMediaDirPath', {});
      expect((await run(join(media, 'words.csv'))).text).toContain("collection's own files");
      expect(readdirSync(target)).toEqual(['words.csv']);
      expect(existsSync(join(media, 'words.csv'))).toBe(false);
    }
  });
}

test('returns no note that is larger than a result, and says how to export it', async () => {
  const { engine, close } = temporaryEngine();
  onTestFinished(close);
  await addNotes(engine, 'D', ['first', 'x'.repeat(200_000), 'last']);
  const assistant = await Assistant.of(engine);
  onTestFinished(() => assistant.close());
  const page = (args: object) => assistant.call('exportNotes', { query: '', ...args });
  expect((await page({})).text).toMatch(/first[^]*"nextOffset":1/);
  const refused = await page({ offset: 1 });
  expect(refused.isError).toBe(true);
  expect(refused.text).toMatch(/^Nothing was exported: the note \d+ is larger[^]*path[^]*offset: 2/);
  expect((await page({ offset: 2 })).text).toContain('last');
  expect((await page({ offset: 1, limit: 1 })).text.length).toBeGreaterThan(200_000);
});
