import { once } from 'node:events';
import { request as httpRequest, Agent } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/anki-connect/server.ts';
import { startApi, type Api } from '../support/api.ts';
import { backendDouble } from '../support/backend-double.ts';
import { temporaryEngine } from '../support/collection.ts';

let temporary: ReturnType<typeof temporaryEngine>;
const running: Api[] = [];

beforeEach(() => {
  temporary = temporaryEngine();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.close()));
  await temporary.close();
});

const serve = async (options: Partial<ServerOptions> = {}): Promise<Api> => {
  const api = await startApi(temporary.engine, options);
  running.push(api);
  return api;
};

/** Sends raw bytes and returns the reply. The reply ends when the server closes, or with the text `end`. */
const raw = (port: number, bytes: string, end?: string): Promise<string> =>
  new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      received += chunk.toString();
      if (end !== undefined && received.includes(end)) socket.destroy();
    });
    socket.on('error', () => {}).on('close', () => resolve(received));
  });

const post = (body: string, headers = `Content-Length: ${Buffer.byteLength(body)}\r\n`) =>
  `POST / HTTP/1.1\r\n${headers}\r\n${body}`;
const version = '{"action":"version","version":6}';
const versionReply = '{"result": 6, "error": null}';
const create = (deck: string) => ({ action: 'createDeck', version: 6, params: { deck } });

test('all of 200 concurrent requests are answered', async () => {
  const api = await serve();
  const texts = await Promise.all(
    Array.from({ length: 200 }, (_, index) => api.ask(create(`D${index % 20}`))),
  );
  expect(texts.filter((text) => /^\{"result": \d{13}, "error": null\}$/.test(text))).toHaveLength(200);
  expect(JSON.parse(await api.ask({ action: 'deckNames' }))).toHaveLength(21);
});

test('a connection is reused for the next request', async () => {
  const { port } = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      const request = httpRequest({ port, agent, method: 'POST' }, (response) => {
        ports.add(response.socket.localPort);
        let text = '';
        response.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text));
      });
      request.on('error', reject).end(version);
    });
  for (let n = 0; n < 20; n++) expect(await ask()).toBe(versionReply);
  expect(ports.size).toBe(1);
  agent.destroy();
});

test('a body of 10 MB is stored', async () => {
  const api = await serve();
  await api.ask(version); // opens the collection
  const data = Buffer.alloc(10_000_000, 'ankiwright').toString('base64');
  const stored = await api.ask({ action: 'storeMediaFile', version: 6, params: { filename: 'a.bin', data } });
  expect(stored).toBe('{"result": "a.bin", "error": null}');
  const read = await api.ask({ action: 'retrieveMediaFile', params: { filename: 'a.bin' } });
  expect(read.length).toBe(data.length + 2);
});

test('a body above the limit is refused with 413, and the connection is closed', async () => {
  const api = await serve({ maxBodyBytes: 1000 });
  const response = await raw(api.port, post('x'.repeat(3000)));
  expect(response).toMatch(
    /^HTTP\/1.1 413 [\s\S]*Connection: close[\s\S]*\{"result": null, "error": "The body is larger/,
  );
  expect(await raw(api.port, post('x'.repeat(5000)))).toBe('');
  expect(await api.ask(version)).toBe(versionReply);
});

test('a chunked body is read', async () => {
  const { port } = await serve();
  const chunks = `${(10).toString(16)}\r\n${version.slice(0, 10)}\r\n${(version.length - 10).toString(16)}\r\n${version.slice(10)}\r\n0\r\n\r\n`;
  const response = await raw(port, post(chunks, 'Transfer-Encoding: chunked\r\nConnection: close\r\n'));
  expect(response).toContain(versionReply);
});

test('a client that stalls within its body does not block other clients', async () => {
  const api = await serve({ idleTimeoutMs: 3_600_000 });
  const stalled = connect(api.port, '127.0.0.1');
  stalled.write(post('{"action":', 'Content-Length: 100\r\n'));
  await once(stalled, 'connect');
  expect(await api.ask(version)).toBe(versionReply);
  stalled.destroy();
});

test('a client that stalls within its body is disconnected', async () => {
  const api = await serve({ idleTimeoutMs: 50 });
  expect(await raw(api.port, post('{"action":', 'Content-Length: 100\r\n'))).toBe('');
});

test('an action may take longer than the idle timeout of a body', async () => {
  const idleTimeoutMs = 50;
  const slow = backendDouble(async (name, params) => {
    await sleep(idleTimeoutMs * 4);
    return temporary.engine.request(name, params);
  }, temporary.engine);
  const api = await startApi(slow, { idleTimeoutMs });
  running.push(api);
  expect(await api.ask(version)).toBe(versionReply);
});

test.each([
  [
    'no Host, no space after the colon',
    `POST / HTTP/1.1\r\nContent-Length:${version.length}\r\n\r\n${version}`,
    versionReply,
  ],
  ['HTTP/1.0', `POST / HTTP/1.0\r\nContent-Length: ${version.length}\r\n\r\n${version}`, versionReply],
  ['a line break after the body', `${post(version)}\r\n`, versionReply],
  ['garbage after the body', `${post(version)}junk junk`, versionReply],
  [
    'two requests in one packet',
    `${post(version)}${post('{"action":"deckNames"}')}`,
    `${versionReply}HTTP/1.1 200`,
  ],
  ['TLS', '\u0016\u0003\u0001\u0002', 'HTTP/1.1 400 '],
  [
    'a length that is not a number',
    post(version, 'Content-Length: abc\r\n'),
    '"error": "This is not an HTTP request.',
  ],
  ['endless headers', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, 'HTTP/1.1 431 '],
])('%s is answered', async (_, bytes, expected) => {
  const api = await serve();
  expect(await raw(api.port, bytes, expected)).toContain(expected);
  expect(await api.ask(version)).toBe(versionReply);
});

test('every digit of an id is kept, in requests and replies', async () => {
  const api = await serve();
  const models = await api.ask({ action: 'findModelsByName', params: { modelNames: ['Basic'] } });
  expect(models).toMatch(/"id": -?\d{17,}[,}]/);
  const request = `{"action": "deckNameFromId", "version": 6, "params": {"deckId": ${2n ** 70n}}}`;
  expect(await api.ask(request)).toContain(`${2n ** 70n}`);
});

test("an unpaired surrogate is refused with Python's error message", async () => {
  const api = await serve();
  expect(await api.ask('{"action": "createDeck", "params": {"deck": "a\\ud800"}}')).toBe(
    `{"result": null, "error": "'utf-8' codec can't encode character '\\\\ud800' in position 1: surrogates not allowed"}`,
  );
});

test.each([
  ['{"action": 1, "version": "6"}', "'6' is not of type 'integer'"],
  ['{"action": 1, "params": [null, true, 1.5]}', "[None, True, 1.5] is not of type 'object'"],
  ['{"version": "6"}', "'action' is a required property"],
  ['{"action": "version", "version": true}', "True is not of type 'integer'"],
  ['{"action": "version", "action": ""}', "'' should be non-empty"],
  [
    '{"a": 12345678901234567890,}',
    'Expecting property name enclosed in double quotes: line 1 column 28 (char 27)',
  ],
  ['\u{feff}{"a": 1}', 'Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)'],
  ['['.repeat(200_000), 'Expecting value: line 1 column 200001 (char 200000)'],
  ['{1: 2}', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
  ['  ', 'Expecting value: line 1 column 3 (char 2)'],
  ['{"a": "😀"\n x}', "Expecting ',' delimiter: line 2 column 2 (char 11)"],
  ['{"a": ["x', 'Unterminated string starting at: line 1 column 8 (char 7)'],
  ['{"a": "\\x"}', 'Invalid \\escape: line 1 column 8 (char 7)'],
  ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
  ['{"a": "\t"}', 'Invalid control character at: line 1 column 8 (char 7)'],
  ['{"action": "version"} x', 'Extra data: line 1 column 23 (char 22)'],
])('%.60s is refused', async (body, message) => {
  const api = await serve();
  const { result, error } = JSON.parse(await api.ask(body));
  expect(result).toBe(null);
  expect(error).toContain(message);
});

test.each([
  ['e7 8c', 'bytes in position 0-1: unexpected end of data'],
  ['7b e7 8c', 'bytes in position 1-2: unexpected end of data'],
  ['22 ff 22', 'byte 0xff in position 1: invalid start byte'],
  ['22 c3 22', 'byte 0xc3 in position 1: invalid continuation byte'],
  ['22 f0 9f 98 22', 'bytes in position 1-3: invalid continuation byte'],
  ['22 ed a0 80 22', 'byte 0xed in position 1: invalid continuation byte'],
])("the bytes %s are refused with Python's message", async (hex, message) => {
  const { url } = await serve();
  const reply = await fetch(url, { method: 'POST', body: Buffer.from(hex.replaceAll(' ', ''), 'hex') });
  expect(await reply.json()).toEqual({ result: null, error: `'utf-8' codec can't decode ${message}` });
});

test('a batch is one undo step, and requests of other clients wait until it ends', async () => {
  const api = await serve();
  await api.ask(create('Before'));
  const batch = (name: string) => ({
    action: 'multi',
    params: {
      actions: [
        create(`${name}1`),
        { action: 'multi', params: { actions: [create(`${name}2`)] } },
        create(`${name}3`),
      ],
    },
  });
  await Promise.all([api.ask(batch('A')), api.ask(batch('B'))]);
  const ids: Record<string, number> = JSON.parse(await api.ask({ action: 'deckNamesAndIds' }));
  const inOrder = Object.entries(ids)
    .toSorted(([, a], [, b]) => a - b)
    .map(([name]) => name);
  expect(['A1,A2,A3,B1,B2,B3', 'B1,B2,B3,A1,A2,A3']).toContain(inOrder.slice(2).join());
  await api.ask({ action: 'guiUndo' });
  expect(JSON.parse(await api.ask({ action: 'deckNames' }))).toHaveLength(5);
});

test('each request of a batch needs the key, at any depth', async () => {
  const apiKey = 'correct horse';
  const api = await serve({ apiKey });
  const inner = {
    action: 'multi',
    key: apiKey,
    params: { actions: [create('A'), { ...create('B'), key: 'x' }] },
  };
  const texts = [
    await api.ask(create('C')),
    await api.ask({ ...create('C'), key: `${apiKey} ` }),
    await api.ask({ ...create('C'), key: [apiKey] }),
    await api.ask({ action: 'multi', key: apiKey, params: { actions: [inner, create('D')] } }),
    await api.ask({ action: 'multi', key: apiKey, params: { actions: [inner], x: 1 } }),
  ];
  const refused = '{"result": null, "error": "valid api key must be provided"}';
  expect(texts).toEqual([
    refused,
    refused,
    refused,
    `[[${refused}, ${refused}], ${refused}]`,
    `{"result": null, "error": "AnkiConnect.multi() got an unexpected keyword argument 'x'"}`,
  ]);
  expect(await api.ask({ action: 'deckNames', key: apiKey })).toBe('["Default"]');
  expect([...texts, ...api.lines].join()).not.toContain(apiKey);
});

test('a refused web page gets a response at once, and the log says once how to allow it', async () => {
  const api = await serve();
  const from = { headers: { Origin: 'https://evil.example' } };
  for (let n = 0; n < 3; n++) {
    expect(await api.ask({ action: 'requestPermission' }, from)).toBe('{"permission": "denied"}');
    expect(await api.ask(version, from)).toBe('');
  }
  expect(api.lines).toEqual([
    'refused the web page "https://evil.example"; pass --cors-origin with this value to allow it',
  ]);
});

test('at most 50 refused origins are logged', async () => {
  const api = await serve();
  for (let at = 0; at < 60; at++)
    await api.ask(version, { headers: { Origin: `https://evil${at}.example` } });
  expect(api.lines).toHaveLength(50);
});

test('a server that shuts down finishes the running request and refuses the queued ones', async () => {
  let started = () => {};
  let finish = () => {};
  const isStarted = new Promise<void>((resolve) => (started = resolve));
  const mayFinish = new Promise<void>((resolve) => (finish = resolve));
  const blocked = backendDouble((name, params, options) => {
    if (JSON.stringify(params) !== '{"deck":"First"}') return temporary.engine.request(name, params, options);
    return temporary.engine.together(async (inner) => {
      started();
      await mayFinish;
      return inner.request(name, params);
    });
  }, temporary.engine);
  const api = await startApi(blocked);
  const first = api.ask(create('First'));
  await isStarted;
  const others = Array.from({ length: 20 }, (_, index) =>
    api.ask(create(`D${index}`)).catch(() => 'not accepted'),
  );
  await api.ask('{}'); // not queued: the requests before it have arrived
  const closed = api.close();
  finish();
  await closed;
  expect(await first).toMatch(/^\{"result": \d{13}, "error": null\}$/);
  const texts = await Promise.all(others);
  expect(texts.filter((text) => !/The server is |^not accepted$/.test(text))).toEqual([]);
  expect(texts.join()).toContain('The server is ');
  expect(await temporary.engine.call('deckNames', {})).toEqual(['Default', 'First']);
});
