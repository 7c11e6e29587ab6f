// What is measured, and how: each figure of a run stands beside its yardstick of the same run. See README, "Speed".
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ankiwright-bench-'));
/** @type {[string, string][]} */
const rows = [];

/** @param {string} what @param {string} figure */
const report = (what, figure) => {
  rows.push([what, figure]);
  process.stderr.write(`${what}: ${figure}\n`);
};

/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** @param {number} ms */
const inMs = (ms) =>
  ms < 10 ? `${ms.toFixed(2)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;

/** A JSON-RPC peer on a child's stdin and stdout. */
class Peer {
  #nextId = 1;
  #rest = '';
  /** @type {Map<number, (reply: any) => void>} */
  #waiting = new Map();

  /** @param {string[]} args */
  constructor(args) {
    this.child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      const lines = (this.#rest + chunk).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) {
        const reply = JSON.parse(line);
        this.#waiting.get(reply.id)?.(reply);
        this.#waiting.delete(reply.id);
      }
    });
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  ask(method, params = {}) {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }

  async initialize() {
    await this.ask('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'bench', version: '1' },
    });
    this.child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  }

  /** @param {string} name @param {object} args @returns {Promise<any>} */
  async call(name, args = {}) {
    const { result } = await this.ask('tools/call', { name, arguments: args });
    if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
    return result.structuredContent.result;
  }

  /** Resident memory in MB (Linux only). */
  memory() {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  }

  /** Milliseconds of CPU, of all threads (Linux only). */
  cpu() {
    const tasks = `/proc/${this.child.pid}/task`;
    const spent = readdirSync(tasks).map(
      (id) => readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ')[0],
    );
    return spent.reduce((sum, ns) => sum + Number(ns), 0) / 1e6;
  }

  async end() {
    const exit = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin.end();
    await exit;
  }
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** @param {number} times @param {() => Promise<unknown>} work */
async function each(times, work) {
  const took = [];
  for (let n = 0; n < times; n++) took.push(await timed(work));
  return median(took);
}

const bareLoop = `let rest = ''; process.stdin.setEncoding('utf8').on('data', (chunk) => { const lines = (rest + chunk).split('\\n'); rest = lines.pop();
  for (const line of lines) { const { id } = JSON.parse(line); if (id) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result: {} }) + '\\n'); } });`;

/** @param {string} what @param {readonly number[]} ours @param {readonly number[]} bare @param {(value: number) => string} unit */
function ratio(what, ours, bare, unit) {
  const [one, other] = [median(ours), median(bare)];
  report(
    `${what}, against a bare Node JSON-RPC loop`,
    `${unit(one)} / ${unit(other)} = ${(one / other).toFixed(2)} ×`,
  );
}

async function starts() {
  const figures = () => ({
    initialize: /** @type {number[]} */ ([]),
    list: /** @type {number[]} */ ([]),
    cpu: /** @type {number[]} */ ([]),
    memory: /** @type {number[]} */ ([]),
    listAgain: /** @type {number[]} */ ([]),
  });
  const took = { bare: figures(), ours: figures() };
  for (let n = 0; n < 15; n++) {
    for (const side of /** @type {const} */ (['bare', 'ours'])) {
      const start = performance.now();
      const peer = new Peer(side === 'bare' ? ['-e', bareLoop] : [main]);
      await peer.initialize();
      took[side].initialize.push(performance.now() - start);
      await peer.ask('tools/list');
      took[side].list.push(performance.now() - start);
      took[side].cpu.push(peer.cpu());
      took[side].memory.push(peer.memory());
      took[side].listAgain.push(await each(5, () => peer.ask('tools/list')));
      await peer.end();
    }
  }
  const { ours, bare } = took;
  ratio('start to `initialize`', ours.initialize, bare.initialize, inMs);
  ratio('start to `tools/list`', ours.list, bare.list, inMs);
  ratio('CPU until then', ours.cpu, bare.cpu, inMs);
  ratio('resident memory then', ours.memory, bare.memory, (mb) => `${mb} MB`);
  report('`tools/list` again', inMs(median(ours.listAgain)));
}

/** A stand-in for Anki-Connect that answers at once: what is left over is ours. */
async function overhead() {
  const answer = '{"result": 6, "error": null}';
  const anki = createServer((incoming, reply) => {
    incoming
      .resume()
      .on('end', () =>
        reply.writeHead(200, { 'Content-Length': answer.length, Connection: 'close' }).end(answer),
      );
  });
  await new Promise((resolve) => anki.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = anki.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const raw = () =>
    new Promise((resolve, reject) => {
      const body = '{"action":"version","version":6}';
      const headers = { 'Content-Length': body.length };
      const sent = request({ port, host: '127.0.0.1', method: 'POST', agent: false, headers }, (reply) =>
        reply.resume().on('end', resolve),
      );
      sent.on('error', reject).end(body);
    });
  const peer = new Peer([main, '--url', `http://127.0.0.1:${port}`]);
  await peer.initialize();
  for (let n = 0; n < 50; n++) await Promise.all([raw(), peer.call('version')]);
  report('resident memory after 50 calls over HTTP', `${peer.memory()} MB`);
  const [direct, through] = [await each(300, raw), await each(300, () => peer.call('version'))];
  report(
    'a call through the server, beyond the same request by raw HTTP',
    `${inMs(through)} - ${inMs(direct)} = ${inMs(through - direct)}`,
  );
  await peer.end();
  anki.close();
}

/** @param {string} front */
const note = (front) => ({ deckName: 'Bench', modelName: 'Basic', fields: { Front: front, Back: 'back' } });
/** @param {number} count @param {string} mark */
const notes = (count, mark) => Array.from({ length: count }, (_, n) => note(`${mark} ${n}`));

async function engine() {
  const peer = new Peer([main, '--collection', join(folder, 'tools.anki2')]);
  await peer.initialize();
  report(
    'first call on the engine (host started, collection opened)',
    inMs(await timed(() => peer.call('createDeck', { deck: 'Bench' }))),
  );
  report('`deckNames` through `tools/call`', inMs(await each(500, () => peer.call('deckNames'))));
  let n = 0;
  report(
    '`addNote` through `tools/call`',
    inMs(await each(300, () => peer.call('addNote', { note: note(`single ${n++}`) }))),
  );
  report(
    '`addNotes`, 100 notes',
    inMs(await timed(() => peer.call('addNotes', { notes: notes(100, 'hundred') }))),
  );
  report(
    '`addNotes`, 10,000 notes',
    inMs(await timed(() => peer.call('addNotes', { notes: notes(10_000, 'many') }))),
  );
  for (let part = 0; part < 9; part++) await peer.call('addNotes', { notes: notes(10_000, `part${part}`) });
  report(
    '`findNotes` with 10 hits among 100,000 notes',
    inMs(await each(20, () => peer.call('findNotes', { query: 'front:"part3 777?"' }))),
  );
  const ids = await peer.call('findCards', { query: 'front:"part4 1*"' });
  report(
    '`cardsInfo` of 1,000 cards',
    inMs(await timed(() => peer.call('cardsInfo', { cards: ids.slice(0, 1000) }))),
  );
  report('resident memory of the server after all that', `${peer.memory()} MB`);
  await peer.end();
}

/** `serve`, asked over connections that stay open. */
async function serve() {
  const args = [main, 'serve', '--collection', join(folder, 'served.anki2'), '--port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ said) => {
      const found = /http:\S+:\d+/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    });
  });
  const agent = new Agent({ keepAlive: true });
  const body = '{"action":"deckNames","version":6}';
  const ask = () =>
    new Promise((resolve, reject) => {
      const headers = { 'Content-Length': body.length };
      const sent = request(url, { method: 'POST', agent, headers }, (reply) =>
        reply.resume().on('end', resolve),
      );
      sent.on('error', reject).end(body);
    });
  await ask();
  report('`deckNames` through `serve`, one at a time', inMs(await each(1000, ask)));
  const took = await timed(async () => {
    const worker = async () => {
      for (let n = 0; n < 100; n++) await ask();
    };
    await Promise.all(Array.from({ length: 20 }, worker));
  });
  report('`deckNames` through `serve`, 20 at a time', `${Math.round(2_000_000 / took)} a second`);
  agent.destroy();
  child.kill();
  await once(child, 'exit');
}

/** @param {string} url An Anki whose collection may get, and lose again, a deck of this run. */
async function desktop(url) {
  const peer = new Peer([main, '--url', url, '--confirm', 'never', '--backup', 'never']);
  await peer.initialize();
  const deck = `Bench ${new Date().toISOString()}`;
  await peer.call('createDeck', { deck });
  const inDeck = (/** @type {number} */ count) =>
    notes(count, `${deck} ${count}`).map((one) => ({ ...one, deckName: deck }));
  try {
    report('`deckNames` on the desktop', inMs(await each(20, () => peer.call('deckNames'))));
    for (const count of [100, 10_000]) {
      const took = await timed(() => peer.call('addNotes', { notes: inDeck(count) }));
      report(`\`addNotes\`, ${count.toLocaleString('en')} notes, on the desktop`, inMs(took));
    }
  } finally {
    await peer.call('deleteDecks', { decks: [deck], cardsToo: true });
    await peer.end();
  }
}

const { url } = parseArgs({ options: { url: { type: 'string' } } }).values;
try {
  await starts();
  await overhead();
  await engine();
  await serve();
  if (url !== undefined) await desktop(url);
  process.stdout.write(
    ['| | |', '|---|---|', ...rows.map(([what, figure]) => `| ${what} | ${figure} |`), ''].join('\n'),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
