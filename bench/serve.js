// `serve` over connections that stay open, beside a bare Node HTTP server.
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from './http-client.js';
import { cpuOf, memoryOf } from './rpc-client.js';
import { formatMs, medianTime, note, notes, report, reportRatio, timed } from './report.js';

const bareServer = `require('node:http').createServer((incoming, reply) => { let body = ''; incoming.on('data', (chunk) => (body += chunk)).on('end', () => {
  JSON.parse(body); const text = JSON.stringify({ result: ['Default'], error: null }); reply.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': text.length }).end(text); }); })
  .listen(0, '127.0.0.1', function () { process.stderr.write('http://127.0.0.1:' + this.address().port + '\\n'); });`;

const atOnce = 20;
const cardCount = 30_000;

/** Starts a server with Anki-Connect's API. @param {readonly string[]} args */
async function started(args) {
  const { pid, post, end } = await startServer(args);
  /** @param {string} action @param {object} params @returns {Promise<any>} */
  const call = async (action, params = {}) =>
    JSON.parse((await post({ action, version: 6, params })).text).result;
  return { pid, call, end };
}

/**
 * Returns how many requests a second are answered.
 * @param {() => Promise<unknown>} call @param {number} requests
 */
async function throughput(call, requests = 10_000) {
  const worker = async () => {
    for (let n = 0; n < requests / atOnce; n++) await call();
  };
  const elapsed = await timed(() => Promise.all(Array.from({ length: atOnce }, worker)));
  return (requests * 1000) / elapsed;
}

/** @param {string} main The server. @param {string} collection Path of a new collection. */
export async function measureServe(main, collection) {
  const bare = await started(['-e', bareServer]);
  const served = await started([main, 'serve', '--collection', collection, '--port', '0']);
  const deckNames = () => served.call('deckNames');
  await deckNames();
  report('`deckNames` through `serve`, one at a time', formatMs(await medianTime(1000, deckNames)));
  await throughput(() => bare.call('deckNames'));
  await throughput(deckNames);
  reportRatio(
    `\`deckNames\` through \`serve\`, ${atOnce} at a time, requests a second, against a bare Node HTTP server`,
    await throughput(deckNames),
    await throughput(() => bare.call('deckNames')),
    (count) => count.toFixed(0),
  );
  await served.call('createDeck', { deck: 'Bench' });
  await served.call('addNotes', { notes: notes(200, 'served') });
  const [card] = await served.call('findCards', { query: '' });
  let added = 0;
  /** @type {[string, () => Promise<unknown>][]} */
  const calls = [
    ['`findCards` with one hit', () => served.call('findCards', { query: '"front:served 5"' })],
    ['`cardsInfo` of one card', () => served.call('cardsInfo', { cards: [card] })],
    ['`addNote`', () => served.call('addNote', { note: note(`added ${added++}`) })],
  ];
  for (const [title, call] of calls) {
    await throughput(call, 500);
    reportRatio(
      `${title} through \`serve\`, ${atOnce} at a time, requests a second, against a bare Node HTTP server`,
      await throughput(call, 3000),
      await throughput(() => bare.call('deckNames'), 3000),
      (count) => count.toFixed(0),
    );
  }
  await bare.end();
  await measureLongRead(served);
  await served.end();
}

/** Measures one long read, and how long short calls of another client wait meanwhile. @param {Awaited<ReturnType<typeof started>>} served */
async function measureLongRead({ pid, call }) {
  for (let part = 0; part < cardCount / 10_000; part++)
    await call('addNotes', { notes: notes(10_000, `many ${part}`) });
  const cards = (await call('findCards', { query: '' })).slice(0, cardCount);
  const before = cpuOf(pid);
  const done = new AbortController();
  const whole = timed(() => call('cardsInfo', { cards })).finally(() => done.abort());
  let [peak, longest] = [0, 0];
  while (!done.signal.aborted) {
    longest = Math.max(longest, await timed(() => call('deckNames')));
    peak = Math.max(peak, memoryOf(pid));
    await sleep(20);
  }
  await whole;
  const title = `\`cardsInfo\` of ${cardCount.toLocaleString('en')} cards through \`serve\``;
  report(`${title}: CPU`, `${((cpuOf(pid) - before) / 1000).toFixed(2)} s`);
  report(`${title}: largest resident memory`, `${peak} MB`);
  report(`${title}: longest wait of \`deckNames\` meanwhile`, formatMs(longest));
}
