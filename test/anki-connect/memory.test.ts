import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/anki-connect/server.ts';
import { startApi, type Api } from '../support/api.ts';
import { backendDouble } from '../support/backend-double.ts';
import { temporaryEngine } from '../support/collection.ts';
import { eventually } from '../support/eventually.ts';

const apiKey = 'correct horse';
const refused = '{"result": null, "error": "valid api key must be provided"}';
const hour = 3_600_000;

let temporary: ReturnType<typeof temporaryEngine>;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  temporary = temporaryEngine();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await temporary.close();
});

/** Starts a server whose pools each have room for two bodies of 200 KB. */
async function serve(options: Partial<ServerOptions> = {}): Promise<Api> {
  const patient = { idleTimeoutMs: hour, transferTimeoutMs: hour, waitMs: hour };
  const api = await startApi(temporary.engine, { maxBodyBytes: 200_000, ...patient, ...options });
  cleanups.push(api.close);
  return api;
}

/** Sends the beginning of a request and leaves the connection open. */
async function begin({ port }: Api, headers: string, body = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  cleanups.push(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(`POST / HTTP/1.1\r\n${headers}\r\n\r\n${body}`);
  return socket;
}

/** Returns everything that arrives on a socket until it is closed. */
async function received(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
  return text;
}

const spaces = ' '.repeat(100_000);
const chunk = `${spaces.length.toString(16)}\r\n${spaces}\r\n`;

/** Takes the room for large bodies of senders without key: with a declared length, and in chunks. */
const takeRoom = async (api: Api): Promise<readonly Socket[]> => [
  await begin(api, 'Content-Length: 200000', spaces),
  await begin(api, 'Transfer-Encoding: chunked', chunk),
];

const large = { action: 'version', params: {}, more: 'x'.repeat(150_000) };
const keyLast = { ...large, key: apiKey };
const keyFirst = { key: apiKey, ...large };

test('unfinished bodies of strangers do not stop a client that sends its key first', async () => {
  const api = await serve({ apiKey });
  await takeRoom(api);
  expect(await api.ask(keyFirst)).toBe('6');
  expect(await api.ask({ action: 'version', key: apiKey })).toBe('6');
});

test.each([
  ['without an API key', null, large],
  ['with the key at the end', apiKey, keyLast],
])('a large body %s gets 503 while others have the room, and is read afterwards', async (_, key, body) => {
  const api = await serve({ apiKey: key, waitMs: 50 });
  const others = await takeRoom(api);
  await eventually(async () =>
    expect(await api.ask(body)).toContain('Nothing was changed: send this one again later'),
  );
  for (const socket of others) socket.destroy();
  await eventually(async () => expect(await api.ask(body)).toBe('6'));
});

test('a large body waits for room', async () => {
  const api = await serve();
  const others = await takeRoom(api);
  const reply = api.ask(large);
  expect(await api.ask({ action: 'version' })).toBe('6');
  for (const socket of others) socket.destroy();
  expect(await reply).toBe('6');
});

test('a large body of a stranger is not parsed', async () => {
  const api = await serve({ apiKey });
  expect(await api.ask('['.repeat(100_000))).toBe(refused);
  expect(await api.ask(large)).toBe(refused);
  expect(await api.ask({ ...large, key: `${apiKey}s` })).toBe(refused);
  expect(await api.ask(`{"note": ${JSON.stringify(JSON.stringify(keyLast))}}`)).toBe(refused);
  expect(await api.ask(keyLast)).toBe('6');
  expect(await api.ask(JSON.stringify(keyLast).replace('correct', '\\u0063orrect'))).toBe('6');
  const other = await fetch(api.url, {
    method: 'POST',
    body: spaces,
    headers: { Origin: 'https://evil.example' },
  });
  expect(other.status).toBe(403);
});

test('a key in a large body does not replace the key of the request', async () => {
  const api = await serve({ apiKey });
  expect(await api.ask({ ...large, params: { key: apiKey } })).toBe(refused);
});

test('a body that arrives too slowly is refused with 408', async () => {
  const api = await serve({ transferTimeoutMs: 200 });
  const slow = await begin(api, 'Content-Length: 1000', '{');
  const timer = setInterval(() => slow.write(' '), 20);
  cleanups.push(() => clearInterval(timer));
  expect(await received(slow)).toMatch(/^HTTP\/1.1 408 .*did not arrive in time/s);
  expect(await api.ask({ action: 'version' })).toBe('6');
});

test.each([
  ['reads nothing', { idleTimeoutMs: 200 }],
  ['does not read everything in time', { transferTimeoutMs: 200 }],
])(
  'a client that %s is disconnected, and until then no further request is carried out',
  async (_, limits) => {
    const media = await temporary.engine.call('getMediaDirPath', {});
    writeFileSync(join(media, 'large.bin'), Buffer.alloc(15_000_000));
    const calls: string[] = [];
    const backend = backendDouble((name, params, options) => {
      calls.push(name);
      return temporary.engine.request(name, params, options);
    }, temporary.engine);
    const patient = { idleTimeoutMs: hour, transferTimeoutMs: hour };
    const api = await startApi(backend, { ...patient, maxUnreadBytes: 1_000_000, ...limits });
    cleanups.push(api.close);
    const request = '{"action":"retrieveMediaFile","params":{"filename":"large.bin"}}';
    const idle = await begin(api, `Content-Length: ${request.length}`, request);
    idle.pause();
    await eventually(() => expect(calls).toEqual(['retrieveMediaFile']));
    expect(await api.ask('{"action":"version"}')).toBe('6');
    expect((await received(idle)).length).toBeLessThan(20_000_000);
  },
);
