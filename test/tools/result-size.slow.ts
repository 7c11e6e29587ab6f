import { expect, test, beforeAll, afterAll } from 'vitest';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { temporaryFolder } from '../support/temporary-folder.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const limit = 16_000;
const wide = '😀';
const escaped = '\u0001"\\';
const client = new Client({ name: 'test', version: '1' });

/** Returns the reply to a call and its size in bytes of JSON: of its text blocks, in which JSON is text again. */
async function call(name: string, args: Readonly<Record<string, unknown>> = {}) {
  const reply = CallToolResultSchema.parse(
    await client.callTool({ name, arguments: args }, undefined, { timeout: 100_000 }),
  );
  const texts = reply.content.map((part) => (part.type === 'text' ? part.text : ''));
  // The text of a JSON result is JSON. Other text is measured as JSON.
  const isJson = reply.structuredContent !== undefined;
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(isJson ? text : JSON.stringify(text)), 0);
  return { isError: reply.isError === true, text: texts.join('\n'), size };
}

const notes = (count: number, fields: (index: number) => object, more: object = {}) => ({
  notes: Array.from({ length: count }, (_, index) => ({
    deckName: 'Default',
    modelName: 'Basic',
    fields: fields(index),
    ...more,
  })),
});

beforeAll(async () => {
  const collection = join(temporaryFolder(), 'collection.anki2');
  const args = [main, '--collection', collection, '--confirm', 'never', '--backup', 'never'];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }));
  await client.listTools();
  for (const [index, part] of [wide, escaped, 'a', '<img src="b', '[sound:a]', '<br>'].entries()) {
    const text = part.startsWith('<img')
      ? Array.from({ length: 3_000 }, (_, picture) => `<img src="b${picture}.png">`).join('')
      : part.repeat(30_000);
    const note = {
      deckName: 'Default',
      modelName: 'Basic',
      fields: { Front: `long ${index} ${text}`, Back: text },
    };
    expect(
      await call('addNote', { note: { ...note, tags: [`${'t'.repeat(3_000)}${index}`] } }),
    ).toMatchObject({ isError: false });
  }
});
afterAll(() => client.close());

const long = 'x'.repeat(300_000);
const unknown = Object.fromEntries(
  Array.from({ length: 2_000 }, (_, index) => [`unknown${index}${wide}`, 1]),
);

test.each<readonly [string, string, Readonly<Record<string, unknown>>, boolean]>([
  ['an unknown tool', `x${long}`, {}, true],
  ['2,000 unknown arguments', 'findNotes', { query: '', ...unknown }, true],
  ['a long unknown argument', 'findNotes', { query: '', [long]: 1 }, true],
  ['2,000 invalid items', 'findCards', { query: Array.from({ length: 2_000 }, () => [wide]) }, true],
  ['a long key in a path', 'addNote', { note: { fields: { [long]: { a: 1 } } } }, true],
  ['a long unknown action', 'multi', { actions: [{ action: long }] }, true],
  ['a long deck name', 'insights', { deck: long }, true],
  ['a long deck to study', 'study', { action: 'start', deck: wide.repeat(50_000) }, true],
  ['a long search', 'findNotes', { query: `"${escaped.repeat(50_000)}` }, true],
  ['a long search for cards', 'viewCards', { query: `(${wide.repeat(50_000)}` }, true],
  ['a long path', 'storeMediaFile', { filename: 'a.png', path: `/${long}` }, true],
  ['a long address', 'storeMediaFile', { filename: 'a.png', url: `http://127.0.0.1/${long}` }, true],
  ['refused notes', 'addNotes', notes(3_000, () => ({ Front: '', Back: wide })), true],
  [
    'notes for a long deck',
    'addNotes',
    notes(100, () => ({ Front: 'a' }), { deckName: long.slice(0, 5_000) }),
    true,
  ],
  ['a long first field', 'searchNotes', { query: '' }, false],
  ['a chosen long field', 'searchNotes', { query: '', fields: ['Front', 'Back', long] }, false],
  ['cards by a search', 'viewCards', { query: '', limit: 6 }, false],
  ['overview', 'overview', {}, false],
  ['insights', 'insights', {}, false],
  [
    'outcomes with long names',
    'saveNotes',
    notes(500, (index) => ({ [`${wide.repeat(100)}${index}`]: 'a' })),
    false,
  ],
  [
    'outcomes with long decks',
    'saveNotes',
    { ...notes(300, (index) => ({ Front: `${index}` })), createDecks: true, dryRun: true },
    false,
  ],
  [
    'converted fields',
    'saveNotes',
    {
      ...notes(300, (index) => ({ Front: `**${index}** ${wide.repeat(100)}` })),
      markdown: true,
      dryRun: true,
    },
    false,
  ],
  [
    'many warnings',
    'saveNotes',
    {
      ...notes(1, () => ({ Front: `a${Array.from({ length: 5_000 }, (_, tag) => `<t${tag}>`).join('')}` })),
      dryRun: true,
    },
    false,
  ],
])('keeps the reply within the limit: %s', async (_, name, args, isError) => {
  const reply = await call(name, args);
  expect({ isError: reply.isError, text: reply.text.slice(0, 300) }).toMatchObject({ isError });
  expect(reply.size).toBeLessThanOrEqual(isError ? 4_000 : limit);
  if (/^Invalid arguments|does not exist/.test(reply.text)) expect(reply.size).toBeLessThanOrEqual(2_100);
});

test('each long card fits into a page, counted in bytes', async () => {
  for (let offset = 0; offset < 6; offset++) {
    const viewed = await call('viewCards', { query: '', limit: 1, offset });
    expect(viewed.size).toBeLessThanOrEqual(limit);
    expect((await call('searchNotes', { query: '', offset })).size).toBeLessThanOrEqual(limit);
  }
});

test('studying long cards stays within the limit', async () => {
  for (const step of ['start', 'reveal', 'rate', 'reveal', 'rate', 'reveal', 'stop']) {
    const args = {
      action: step,
      ...(step === 'start' && { deck: 'Default' }),
      ...(step === 'rate' && { rating: 4 }),
    };
    const reply = await call('study', args);
    expect(reply).toMatchObject({ isError: false });
    expect(reply.size).toBeLessThanOrEqual(limit);
  }
});

test('a resource that does not exist is reported briefly', async () => {
  for (const uri of [`anki://deck/${long}`, `anki://${long}`, `anki://media/${wide.repeat(10_000)}`]) {
    const error: unknown = await client.readResource({ uri }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(Buffer.byteLength(JSON.stringify(String(error)))).toBeLessThan(4_000);
  }
});

test('advises only limits that the options accept', async () => {
  const css = 'x'.repeat(3_500_000);
  const model = { inOrderFields: ['F'], cardTemplates: [{ Front: '{{F}}', Back: '{{F}}' }] };
  const created = await call('createModel', { modelName: 'Styled', ...model, css });
  expect(created).toMatchObject({ isError: false });
  expect(created.size).toBeLessThanOrEqual(limit);
  for (const args of [{ modelNames: ['Styled'] }, { modelNames: ['Styled'], limit: 1 }]) {
    const { text, isError } = await call('findModelsByName', args);
    expect(isError).toBe(true);
    expect(text).toMatch(/is 350\d KB.*more than any option allows/);
    expect(text).not.toMatch(/--max-result|Pass a limit/);
  }
});
