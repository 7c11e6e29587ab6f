// Speed and memory of `serve`, over connections that stay open.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf } from './rpc-client.js';

const cardCount = 30_000;

/**
 * @param {string} main The server. @param {string} collection Path of a new collection.
 * @param {(title: string, figure: string) => void} report
 */
export async function measureServe(main, collection, report) {
  const args = [main, 'serve', '--collection', collection, '--port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const pid = child.pid ?? 0;
  const url = await new Promise((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      const address = /http:\S+:\d+/.exec(text)?.[0];
      if (address !== undefined) resolve(address);
    });
  });
  const agent = new Agent({ keepAlive: true });
  /** @param {string} action @param {object} params @returns {Promise<Buffer>} */
  const call = (action, params = {}) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ action, version: 6, params });
      const headers = { 'Content-Length': Buffer.byteLength(body) };
      const outgoing = request(url, { method: 'POST', agent, headers }, (reply) => {
        buffer(reply).then(resolve, reject);
      });
      outgoing.on('error', reject).end(body);
    });
  const names = () => call('deckNames');
  await repeat(1, 300, names);
  const alone = await repeat(1, 1000, names);
  report('`deckNames` through `serve`, one at a time', `${(alone / 1000).toFixed(2)} ms`);
  const before = cpuOf(pid);
  const together = await repeat(20, 100, names);
  report('`deckNames` through `serve`, 20 at a time', `${Math.round(2_000_000 / together)} a second`);
  report('CPU of each of these', `${((cpuOf(pid) - before) / 2000).toFixed(2)} ms`);
  await measureWholeCardsInfo({ pid, call, report });
  agent.destroy();
  child.kill();
  await once(child, 'exit');
}

/**
 * Returns how long it takes until each of the workers has done the work so many times, in milliseconds.
 * @param {number} workers @param {number} times @param {() => Promise<unknown>} work
 */
async function repeat(workers, times, work) {
  const start = performance.now();
  const run = async () => {
    for (let n = 0; n < times; n++) await work();
  };
  await Promise.all(Array.from({ length: workers }, run));
  return performance.now() - start;
}

/**
 * Measures one long read, and how long short calls of another client wait meanwhile.
 * @param {{ pid: number, call: (action: string, params?: object) => Promise<Buffer>, report: (title: string, figure: string) => void }} serve
 */
async function measureWholeCardsInfo({ pid, call, report }) {
  for (let part = 0; part < cardCount / 10_000; part++) {
    const notes = Array.from({ length: 10_000 }, (_, n) => ({
      deckName: 'Default',
      modelName: 'Basic',
      fields: { Front: `card ${part} ${n}`, Back: 'back' },
    }));
    await call('addNotes', { notes });
  }
  const { result: cards } = JSON.parse(String(await call('findCards', { query: '' })));
  const before = cpuOf(pid);
  const done = new AbortController();
  const whole = call('cardsInfo', { cards }).finally(() => done.abort());
  let [peak, longest] = [0, 0];
  while (!done.signal.aborted) {
    longest = Math.max(longest, await repeat(1, 1, () => call('deckNames')));
    peak = Math.max(peak, residentMb(pid));
    await sleep(20);
  }
  await whole;
  const title = `\`cardsInfo\` of ${cardCount.toLocaleString('en')} cards through \`serve\``;
  report(`${title}: CPU`, `${((cpuOf(pid) - before) / 1000).toFixed(2)} s`);
  report(`${title}: largest resident memory`, `${peak} MB`);
  report(`${title}: longest wait of \`deckNames\` meanwhile`, `${Math.round(longest)} ms`);
}

/** @param {number} pid */
const residentMb = (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
