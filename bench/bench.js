// Measures speed and memory. Where possible, each figure is printed next to a baseline of the same run. See docs/performance.md.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureEngineCalls } from './calls.js';
import { measureDesktopRequests } from './desktop-requests.js';
import { measureLarge } from './large.js';
import { measureManyCards } from './many-cards.js';
import { measureMemory } from './memory.js';
import { measurePanels } from './panels.js';
import { formatMs, median, medianTime, note, notes, report, table, timed } from './report.js';
import { childrenOf, memoryOf, RpcClient } from './rpc-client.js';
import { measureServe } from './serve.js';
import { measureStart } from './start.js';
import { measureTwentyThousand } from './twenty-thousand.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ankiwright-bench-'));

/** Returns the path of a new collection in a folder of its own. @param {string} name */
function newCollection(name) {
  mkdirSync(join(folder, name));
  return join(folder, name, 'collection.anki2');
}

/** Measures the time that the server adds to a request, with a fake Anki-Connect that replies at once. */
async function measureOverhead() {
  const replyBody = '{"result": 6, "error": null}';
  const anki = createServer((incoming, reply) => {
    incoming
      .resume()
      .on('end', () =>
        reply.writeHead(200, { 'Content-Length': replyBody.length, Connection: 'close' }).end(replyBody),
      );
  });
  await new Promise((resolve) => anki.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = anki.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const raw = () =>
    new Promise((resolve, reject) => {
      const body = '{"action":"version","version":6}';
      const headers = { 'Content-Length': body.length };
      const outgoing = request({ port, host: '127.0.0.1', method: 'POST', agent: false, headers }, (reply) =>
        reply.resume().on('end', resolve),
      );
      outgoing.on('error', reject).end(body);
    });
  const client = new RpcClient([main, '--url', `http://127.0.0.1:${port}`]);
  await client.initialize();
  for (let n = 0; n < 50; n++) await Promise.all([raw(), client.call('version')]);
  report('resident memory after 50 calls over HTTP', `${client.memory()} MB`);
  const [direct, throughServer] = [
    await medianTime(300, raw),
    await medianTime(300, () => client.call('version')),
  ];
  report(
    'a call through the server, minus the same request over raw HTTP',
    `${formatMs(throughServer)} - ${formatMs(direct)} = ${formatMs(throughServer - direct)}`,
  );
  await client.end();
  anki.close();
}

/** Milliseconds in which the server loads ahead of the first call, and number of starts. */
const pauseMs = 1500;
const firstCalls = 5;

/** Measures the first call of a session, and the first after the collection was closed because nobody used it. */
async function measureFirstCalls() {
  const collection = newCollection('first');
  const first = new RpcClient([main, '--collection', collection]);
  await first.initialize();
  await first.call('createDeck', { deck: 'Bench' });
  await first.end();
  const args = [main, '--collection', collection, '--idle', '0.5'];
  const times = /** @type {number[]} */ ([]);
  const memories = /** @type {number[]} */ ([]);
  const engineMemories = /** @type {number[]} */ ([]);
  for (let n = 0; n < firstCalls; n++) {
    const started = new RpcClient(args);
    await started.initialize();
    await sleep(pauseMs);
    memories.push(started.memory());
    engineMemories.push(memoryOf(childrenOf(started.child.pid)[0]));
    times.push(await timed(() => started.call('deckNames')));
    await started.end();
  }
  report('first call, some time after the start (the engine was started ahead)', formatMs(median(times)));
  report(
    'resident memory before that call: server + engine',
    `${median(memories)} MB + ${median(engineMemories)} MB`,
  );
  const client = new RpcClient(args);
  await client.initialize();
  await client.call('deckNames');
  const again = async () => {
    await sleep(pauseMs);
    return timed(() => client.call('deckNames'));
  };
  const durations = [await again(), await again(), await again()];
  report('first call after a pause (the collection is opened again)', formatMs(median(durations)));
  await client.end();
}

async function measureEngine() {
  const client = new RpcClient([main, '--collection', newCollection('tools')]);
  await client.initialize();
  report(
    'first call directly after the start (engine started, collection created)',
    formatMs(await timed(() => client.call('createDeck', { deck: 'Bench' }))),
  );
  report('`deckNames` through `tools/call`', formatMs(await medianTime(500, () => client.call('deckNames'))));
  let n = 0;
  report(
    '`addNote` through `tools/call`',
    formatMs(await medianTime(300, () => client.call('addNote', { note: note(`single ${n++}`) }))),
  );
  report(
    '`addNotes`, 100 notes',
    formatMs(await timed(() => client.call('addNotes', { notes: notes(100, 'hundred') }))),
  );
  report(
    '`addNotes`, 10,000 notes',
    formatMs(await timed(() => client.call('addNotes', { notes: notes(10_000, 'many') }))),
  );
  for (let part = 0; part < 9; part++) await client.call('addNotes', { notes: notes(10_000, `part${part}`) });
  report(
    '`findNotes` with 10 hits among 100,000 notes',
    formatMs(await medianTime(20, () => client.call('findNotes', { query: 'front:"part3 777?"' }))),
  );
  const ids = await client.call('findCards', { query: 'front:"part4 1*"' });
  report(
    '`cardsInfo` of 1,000 cards',
    formatMs(await timed(() => client.call('cardsInfo', { cards: ids.slice(0, 1000) }))),
  );
  report('resident memory of the server afterwards', `${client.memory()} MB`);
  await client.end();
}

/**
 * Creates a deck in the collection of a running Anki, measures, and deletes the deck.
 * @param {string} url
 */
async function measureDesktop(url) {
  const client = new RpcClient([main, '--url', url, '--confirm', 'never', '--backup', 'never']);
  await client.initialize();
  const deck = `Bench ${new Date().toISOString()}`;
  await client.call('createDeck', { deck });
  const inDeck = (/** @type {number} */ count) =>
    notes(count, `${deck} ${count}`).map((one) => ({ ...one, deckName: deck }));
  try {
    report('`deckNames` on the desktop', formatMs(await medianTime(20, () => client.call('deckNames'))));
    for (const count of [100, 10_000]) {
      const elapsed = await timed(() => client.call('addNotes', { notes: inDeck(count) }));
      report(`\`addNotes\`, ${count.toLocaleString('en')} notes, on the desktop`, formatMs(elapsed));
    }
  } finally {
    await client.call('deleteDecks', { decks: [deck], cardsToo: true });
    await client.end();
  }
}

const options = /** @type {const} */ ({ url: { type: 'string' }, memory: { type: 'boolean' } });
const { url, memory } = parseArgs({ options }).values;
try {
  await measureStart(main);
  await measureOverhead();
  await measureFirstCalls();
  await measureEngine();
  await measureEngineCalls(main, mkdtempSync(join(folder, 'calls-')));
  await measureManyCards(main, newCollection('cards'));
  await measureLarge(main, newCollection);
  await measureTwentyThousand(main, newCollection('twenty-thousand'));
  await measureServe(main, newCollection('served'));
  await measurePanels(main, newCollection('panels'));
  await measureDesktopRequests(main, newCollection('desktop'));
  if (url !== undefined) await measureDesktop(url);
  if (memory) await measureMemory(main, mkdtempSync(join(folder, 'memory-')));
  process.stdout.write(table());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
