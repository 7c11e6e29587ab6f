// Memory over 100,000 calls, half of them writes, over stdio and over HTTP.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from './http-client.js';
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
  const { pid, post, end } = await startServer(args);
  let session = '';
  let id = 0;
  /** @param {string} method @param {object} params @returns {Promise<any>} */
  const send = async (method, params) => {
    const { headers, text } = await post(
      { jsonrpc: '2.0', id: ++id, method, params },
      {
        Authorization: `Bearer ${token}`,
        Accept: 'application/json, text/event-stream',
        'Content-Type': 'application/json',
        ...(session !== '' && { 'Mcp-Session-Id': session }),
      },
    );
    session ||= String(headers['mcp-session-id'] ?? '');
    return JSON.parse(/^data: (\{.*\})$/m.exec(text)?.[1] ?? text).result;
  };
  await send('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  });
  await measure('HTTP', pid, async (name, args = {}) => {
    const result = await send('tools/call', { name, arguments: args });
    if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
    return result.structuredContent.result;
  });
  await end();
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
