// Runs the official MCP client over stdio against the built server and a real collection.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';

const folder = await mkdtemp(join(tmpdir(), 'ankiwright-demo-'));
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const client = new Client({ name: 'demo', version: '1' });
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFklEQVR4nGNgYPj/n4GBgYGBgQEAJP8D/Qe0mY8AAAAASUVORK5CYII=';

/** @param {string} text */
const print = (text) => process.stdout.write(`${text}\n`);

/** @param {string} html */
const readable = (html) =>
  html
    .replace(/<style>[^]*?<\/style>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** @param {unknown} condition @param {string} expectation */
function check(condition, expectation) {
  if (!condition) throw new Error(`The demo failed. Expected: ${expectation}`);
}

/**
 * Calls a tool and prints its duration and result. With `expectError`, the call must fail.
 * @param {string} name @param {Record<string, unknown>} args @param {boolean} expectError @returns {Promise<any>}
 */
async function call(name, args = {}, expectError = false) {
  const start = performance.now();
  const reply = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
  const duration = (performance.now() - start).toFixed(1).padStart(7);
  const text = reply.content.map((part) => (part.type === 'text' ? part.text : part.type)).join(' ');
  print(`${duration} ms  ${name} → ${text.length > 96 ? `${text.slice(0, 96)}…` : text}`);
  check(
    (reply.isError ?? false) === expectError,
    `${name} ${expectError ? 'fails' : 'succeeds'}; got: ${text}`,
  );
  return expectError ? text : reply.structuredContent?.['result'];
}

/** @param {string} modelName @param {Record<string, string>} fields @param {object} options */
const note = (modelName, fields, options = {}) => ({
  deckName: 'Demo::Capitals',
  modelName,
  fields,
  tags: ['demo'],
  ...options,
});

try {
  const args = [main, '--collection', join(folder, 'collection.anki2')];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'inherit' }));
  const { tools } = await client.listTools();
  print(
    `${tools.length} tools from ${client.getServerVersion()?.name} ${client.getServerVersion()?.version}\n`,
  );
  check(tools.length > 0, 'at least one tool');

  print('A deck and some notes');
  await call('createDeck', { deck: 'Demo::Capitals' });
  await call('addNote', { note: note('Basic', { Front: 'Capital of Peru?', Back: 'Lima' }) });
  await call('addNote', {
    note: note('Cloze', { Text: 'The capital of {{c1::Chile}} is {{c2::Santiago}}.' }),
  });
  const flag = await call('addNote', {
    note: note(
      'Basic',
      { Front: 'Whose flag is this?', Back: 'Austria' },
      { picture: [{ filename: 'flag.png', data: picture, fields: ['Front'] }] },
    ),
  });
  const text = await call(
    'addNote',
    { note: note('Basic', { Front: 'Capital of Peru?', Back: 'again' }) },
    true,
  );
  check(text.includes('duplicate'), 'the error for a duplicate says so');

  print('\nA search and a rendered card');
  check((await call('findNotes', { query: 'tag:demo capital' })).length === 2, 'two notes contain "capital"');
  const [first] = await call('findCards', { query: `nid:${flag}` });
  const [card] = await call('cardsInfo', { cards: [first] });
  check(card.question.includes('flag.png'), 'the card shows the picture');
  print(
    `            question: ${readable(card.question)} [flag.png]\n            answer: ${readable(card.answer)}`,
  );

  print('\nTwo cards studied, one answer undone');
  await call('guiDeckReview', { name: 'Demo::Capitals' });
  for (const ease of [3, 4]) {
    const shown = await call('guiCurrentCard');
    print(`            ${readable(shown.question)}   (${shown.nextReviews.join(' | ')})`);
    await call('guiShowAnswer');
    check(await call('guiAnswerCard', { ease }), 'the answer is accepted');
  }
  check((await call('getNumCardsReviewedToday')) === 2, 'two reviews today');
  await call('guiUndo');
  check((await call('getNumCardsReviewedToday')) === 1, 'one review today after undo');

  print('\nStatistics');
  const stats = Object.values(await call('getDeckStats', { decks: ['Demo::Capitals'] }));
  print(`            ${JSON.stringify(stats[0])}`);
  check(stats[0].total_in_deck === 4, 'four cards in the deck');
  print('\nThe demo succeeded on a real Anki collection.');
} catch (error) {
  print(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await client.close();
  await rm(folder, { recursive: true, force: true });
}
