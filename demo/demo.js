// A session as an assistant has it: the official MCP client, over stdio, with the built server on a real collection.
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

/** @param {unknown} truth @param {string} claim */
function must(truth, claim) {
  if (!truth) throw new Error(`the demo failed: ${claim}`);
}

/**
 * Calls a tool and prints what it took; `refused` says that an error is what should come.
 * @param {string} name @param {Record<string, unknown>} args @returns {Promise<any>}
 */
async function call(name, args = {}, refused = false) {
  const start = performance.now();
  const reply = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
  const took = (performance.now() - start).toFixed(1).padStart(7);
  const text = reply.content.map((part) => (part.type === 'text' ? part.text : part.type)).join(' ');
  print(`${took} ms  ${name} → ${text.length > 96 ? `${text.slice(0, 96)}…` : text}`);
  must((reply.isError ?? false) === refused, `${name} answered ${text}`);
  return refused ? text : reply.structuredContent?.['result'];
}

/** @param {string} modelName @param {Record<string, string>} fields @param {object} more */
const note = (modelName, fields, more = {}) => ({
  deckName: 'Demo::Capitals',
  modelName,
  fields,
  tags: ['demo'],
  ...more,
});

try {
  const args = [main, '--collection', join(folder, 'collection.anki2')];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'inherit' }));
  const { tools } = await client.listTools();
  print(
    `${tools.length} tools from ${client.getServerVersion()?.name} ${client.getServerVersion()?.version}\n`,
  );
  must(tools.length > 0, 'there are tools');

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
  must(text.includes('duplicate'), 'a duplicate is refused as one');

  print('\nSearch, and a card as the learner sees it');
  must((await call('findNotes', { query: 'tag:demo capital' })).length === 2, 'two notes speak of capitals');
  const [first] = await call('findCards', { query: `nid:${flag}` });
  const [card] = await call('cardsInfo', { cards: [first] });
  must(card.question.includes('flag.png'), 'the picture is on the card');
  print(
    `            question: ${readable(card.question)} [flag.png]\n            answer: ${readable(card.answer)}`,
  );

  print('\nTwo cards studied, one answer taken back');
  await call('guiDeckReview', { name: 'Demo::Capitals' });
  for (const ease of [3, 4]) {
    const shown = await call('guiCurrentCard');
    print(`            ${readable(shown.question)}   (${shown.nextReviews.join(' | ')})`);
    await call('guiShowAnswer');
    must(await call('guiAnswerCard', { ease }), 'the answer was taken');
  }
  must((await call('getNumCardsReviewedToday')) === 2, 'two reviews are counted');
  await call('guiUndo');
  must((await call('getNumCardsReviewedToday')) === 1, 'one review was taken back');

  print('\nStatistics');
  const stats = Object.values(await call('getDeckStats', { decks: ['Demo::Capitals'] }));
  print(`            ${JSON.stringify(stats[0])}`);
  must(stats[0].total_in_deck === 4, 'four cards are in the deck');
  print('\nAll of it worked, on a real Anki collection.');
} catch (error) {
  print(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await client.close();
  await rm(folder, { recursive: true, force: true });
}
