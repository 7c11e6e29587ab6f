// Memory over 100,000 calls, half of them writes, over stdio and over HTTP.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { note, report } from './report.js';
import { childrenOf, memoryOf, RpcClient } from './rpc-client.js';

const calls = 100_000;
const callsPerRound = 10;
const rounds = calls / callsPerRound;
/** The memory is read after these parts of the calls. */
const readings = [0.1, 0.25, 0.5, 0.75, 1];

const token = 'a-token-for-the-benchmark-only';

/** @typedef {(name: string, args?: object) => Promise<any>} Call */

/** Adds a note, reads and changes it, and deletes it. @param {Call} call @param {number} n */
async function round(call, n) {
  await call('deckNames');
  const id = await call('addNote', { note: note(`round ${n}`) });
  await call('notesInfo', { notes: [id] });
  const cards = await call('findCards', { query: `nid:${id}` });
  await call('updateNoteFields', { note: { id, fields: { Back: `changed ${n}` } } });
  await call('addTags', { notes: [id], tags: 'some' });
  await call('cardsInfo', { cards });
  await call('answerCards', { answers: cards.map((/** @type {number} */ cardId) => ({ cardId, ease: 3 })) });
  await call('searchNotes', { query: 'tag:some' });
  await call('deleteNotes', { notes: [id] });
}

/** Makes the calls and reports the memory of the server and of its engine. @param {string} over @param {number | undefined} pid @param {Call} call */
async function measure(over, pid, call) {
  await call('createDeck', { deck: 'Bench' });
  /** @type {string[]} */
  const read = [];
  for (let n = 1; n <= rounds; n++) {
    await round(call, n);
    if (readings.some((part) => Math.round(part * rounds) === n)) {
      const [engine] = childrenOf(pid);
      read.push(`${memoryOf(pid)} + ${memoryOf(engine)} MB`);
    }
  }
  const when = readings.map((part) => (part * calls).toLocaleString('en')).join(', ');
  report(`memory of server + engine after ${when} calls over ${over}`, read.join(', '));
}

/** @param {string} main @param {readonly string[]} options */
async function overStdio(main, options) {
  const client = new RpcClient([main, ...options]);
  await client.initialize();
  await measure('stdio', client.child.pid, (name, args) => client.call(name, args));
  await client.end();
}

/** @param {string} main @param {readonly string[]} options @param {string} tokenFile */
async function overHttp(main, options, tokenFile) {
  writeFileSync(tokenFile, token);
  const args = [main, '--http', '--port', '0', '--token-file', tokenFile, ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  /** @type {string} */
  const url = await new Promise((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      const address = /http:\S+:\d+\/mcp/.exec(text)?.[0];
      if (address !== undefined) resolve(address);
    });
  });
  const agent = new Agent({ keepAlive: true });
  let session = '';
  let id = 0;
  /** @param {string} method @param {object} params @returns {Promise<any>} */
  const send = (method, params) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params });
      const headers = {
        Authorization: `Bearer ${token}`,
        Accept: 'application/json, text/event-stream',
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        ...(session !== '' && { 'Mcp-Session-Id': session }),
      };
      const outgoing = request(url, { method: 'POST', agent, headers }, (reply) => {
        session ||= String(reply.headers['mcp-session-id'] ?? '');
        let text = '';
        reply.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (text += chunk));
        reply.on('end', () => {
          const json = /^data: (\{.*\})$/m.exec(text)?.[1] ?? text;
          resolve(JSON.parse(json).result);
        });
      });
      outgoing.on('error', reject).end(body);
    });
  await send('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  });
  await measure('HTTP', child.pid, async (name, args = {}) => {
    const result = await send('tools/call', { name, arguments: args });
    if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
    return result.structuredContent.result;
  });
  agent.destroy();
  child.kill();
  await once(child, 'exit');
}

/** @param {string} main The server. @param {string} folder An empty folder. */
export async function measureMemory(main, folder) {
  /** @param {string} name */
  const options = (name) => [
    '--collection',
    join(folder, `${name}.anki2`),
    '--confirm',
    'never',
    '--backup',
    'never',
  ];
  await overStdio(main, options('stdio'));
  await overHttp(main, options('http'), join(folder, 'token'));
}
