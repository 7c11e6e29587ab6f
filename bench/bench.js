// Measures speed and memory. Where possible, each figure is printed next to a baseline of the same run. See docs/performance.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureManyCards } from './many-cards.js';
import { RpcClient } from './rpc-client.js';
import { measureServe } from './serve.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ankiwright-bench-'));
/** @type {[string, string][]} */
const rows = [];

/** @param {string} title @param {string} figure */
const report = (title, figure) => {
  rows.push([title, figure]);
  process.stderr.write(`${title}: ${figure}\n`);
};

/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** @param {number} ms */
const formatMs = (ms) =>
  ms < 10 ? `${ms.toFixed(2)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;

/**
 * Returns how long the work takes, in milliseconds.
 * @param {() => Promise<unknown>} work
 */
async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Returns the median of how long the work takes, in milliseconds.
 * @param {number} times @param {() => Promise<unknown>} work
 */
async function medianTime(times, work) {
  const durations = [];
  for (let n = 0; n < times; n++) durations.push(await timed(work));
  return median(durations);
}

const bareLoop = `let rest = ''; process.stdin.setEncoding('utf8').on('data', (chunk) => { const lines = (rest + chunk).split('\\n'); rest = lines.pop();
  for (const line of lines) { const { id } = JSON.parse(line); if (id) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result: {} }) + '\\n'); } });`;

/** @param {string} title @param {readonly number[]} ours @param {readonly number[]} bare @param {(value: number) => string} format */
function reportRatio(title, ours, bare, format) {
  const [our, baseline] = [median(ours), median(bare)];
  report(
    `${title}, against a bare Node JSON-RPC loop`,
    `${format(our)} / ${format(baseline)} = ${(our / baseline).toFixed(2)} ×`,
  );
}

async function measureStart() {
  const figures = () => ({
    initialize: /** @type {number[]} */ ([]),
    list: /** @type {number[]} */ ([]),
    cpu: /** @type {number[]} */ ([]),
    memory: /** @type {number[]} */ ([]),
    listAgain: /** @type {number[]} */ ([]),
  });
  const measured = { bare: figures(), ours: figures() };
  for (let n = 0; n < 15; n++) {
    for (const side of /** @type {const} */ (['bare', 'ours'])) {
      const start = performance.now();
      const client = new RpcClient(side === 'bare' ? ['-e', bareLoop] : [main]);
      await client.initialize();
      measured[side].initialize.push(performance.now() - start);
      await client.request('tools/list');
      measured[side].list.push(performance.now() - start);
      measured[side].cpu.push(client.cpu());
      measured[side].memory.push(client.memory());
      measured[side].listAgain.push(await medianTime(5, () => client.request('tools/list')));
      await client.end();
    }
  }
  const { ours, bare } = measured;
  reportRatio('start to `initialize`', ours.initialize, bare.initialize, formatMs);
  reportRatio('start to `tools/list`', ours.list, bare.list, formatMs);
  reportRatio('CPU until then', ours.cpu, bare.cpu, formatMs);
  reportRatio('resident memory then', ours.memory, bare.memory, (mb) => `${mb} MB`);
  report('`tools/list` again', formatMs(median(ours.listAgain)));
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

/** @param {string} front */
const note = (front) => ({ deckName: 'Bench', modelName: 'Basic', fields: { Front: front, Back: 'back' } });
/** @param {number} count @param {string} prefix */
const notes = (count, prefix) => Array.from({ length: count }, (_, n) => note(`${prefix} ${n}`));

async function measureEngine() {
  const client = new RpcClient([main, '--collection', join(folder, 'tools.anki2')]);
  await client.initialize();
  report(
    'first call on the engine (host started, collection opened)',
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

const { url } = parseArgs({ options: { url: { type: 'string' } } }).values;
try {
  await measureStart();
  await measureOverhead();
  await measureEngine();
  await measureManyCards(main, join(folder, 'cards.anki2'), report);
  await measureServe(main, join(folder, 'served.anki2'), report);
  if (url !== undefined) await measureDesktop(url);
  process.stdout.write(
    ['| | |', '|---|---|', ...rows.map(([title, figure]) => `| ${title} | ${figure} |`), ''].join('\n'),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
