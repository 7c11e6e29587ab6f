import { createServer, type RequestListener } from 'node:http';
import { BlockList, connect, type LookupFunction } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { mediaPolicy } from '../../src/tools/media/media-policy.ts';
import { startApi } from '../support/api.ts';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';
import { capabilitiesOf } from '../../src/contract/backend.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Starts a web server on an address of this computer, and counts its requests. */
async function web(address: string, answer: RequestListener) {
  const seen = { port: 0, requests: 0 };
  const server = createServer((request, response) => {
    seen.requests++;
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, address, listening));
  const bound = server.address();
  seen.port = typeof bound === 'object' && bound ? bound.port : 0;
  closing.push(() => server.close().closeAllConnections());
  return seen;
}

/** Addresses of host names. Other names do not exist. */
const addresses: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1'],
  'private.test': ['10.0.0.1'],
  'here.test': ['127.0.0.1'],
  'six.test': ['::1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'mixed.test': ['93.184.216.34', '127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'nowhere.test': ['0.0.0.0'],
  'xn--.test': ['192.168.1.1'],
};

const lookup: LookupFunction = (name, _options, callback) => {
  const found = addresses[name.replace(/\.$/, '')];
  if (!found) callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []);
  else
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
};

/** 127.0.0.2 represents the public Internet. */
const internet = new BlockList();
internet.addAddress('127.0.0.2');

let engine: Engine;
let privateServer: Awaited<ReturnType<typeof web>>;
let assistant: Assistant;
beforeEach(async () => {
  const made = temporaryEngine();
  closing.push(made.close);
  ({ engine } = made);
  privateServer = await web('0.0.0.0', (_, response) => response.end(png));
  const media = { ...mediaPolicy([], capabilitiesOf.engine), allow: internet, lookup };
  assistant = await Assistant.of(engine, { media });
  closing.push(() => assistant.close());
});

const addressesOf = (port: number): string[] => [
  `http://127.0.0.1.:${port}/`,
  `http://①②⑦.⓪.⓪.①:${port}/`,
  `http://127。0。0。1:${port}/`,
  `http://127%2e0%2e0%2e1:${port}/`,
  `http://%31%32%37.0.0.1:${port}/`,
  `http://0:${port}/`,
  `http://0x0:${port}/`,
  `http://00.0.0.0:${port}/`,
  `http://127.000.000.001:${port}/`,
  `http://0177.1:${port}/`,
  `http://0x7f000001:${port}/`,
  `http://017700000001:${port}/`,
  `http://127.0.1:${port}/`,
  `http://[::ffff:0:127.0.0.1]:${port}/`,
  `http://[0:0:0:0:0:ffff:127.0.0.1]:${port}/`,
  `http://[::ffff:a9fe:a9fe]:${port}/`,
  `http://[64:ff9b:1::7f00:1]:${port}/`,
  `http://[2001::7f00:1]:${port}/`,
  `http://[2002:a9fe:a9fe::]:${port}/`,
  `http://[fec0::1]:${port}/`,
  `http://[fc00::1]:${port}/`,
  `http://[fe80::1%25lo]:${port}/`,
  `http://[::1%lo]:${port}/`,
  `http://192.0.0.170:${port}/`,
  `http://198.18.0.1:${port}/`,
  `http://240.0.0.1:${port}/`,
  `http://100.100.100.200:${port}/`,
  `http://169.254.170.2:${port}/`,
  `http://192.88.99.1:${port}/`,
  ...Object.keys(addresses).map((name) => `http://${name}:${port}/`),
  `http://HERE.TEST.:${port}/`,
  `http://evil@127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}@evil.test/`,
  `http://:@127.0.0.1:${port}/`,
  `http://evil.test\\@127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}#@evil.test/`,
  `http://127.0.0.1:${port}?@evil.test/`,
  `http:127.0.0.1:${port}/`,
  `http:/127.0.0.1:${port}/`,
  `http:\\\\127.0.0.1:${port}\\`,
  `ht\ntp://127.0.\t0.1:${port}/`,
  `  http://127.0.0.1:${port}/  `,
  `\u0000http://127.0.0.1:${port}/`,
  `//127.0.0.1:${port}/`,
  `HTTP://LOCALHOST:${port}/`,
  `https://127.0.0.1:${port}/`,
  `ws://127.0.0.1:${port}/`,
  `ftp://127.0.0.1:${port}/`,
  `gopher://127.0.0.1:${port}/_GET`,
  `dict://127.0.0.1:${port}/`,
  `view-source:http://127.0.0.1:${port}/`,
  `blob:http://127.0.0.1:${port}/`,
  'file:///etc/passwd',
  'file://localhost/etc/passwd',
  'data:image/png;base64,iVBORw0KGgo=',
  'javascript:1',
  'about:blank',
  'http://unix:/var/run/docker.sock:/info',
  'http+unix://%2Fvar%2Frun%2Fdocker.sock/info',
  'http://',
  `http://:${port}/`,
  'http://[/',
];

describe('Security', () => {
  test('media URLs with private addresses in many spellings, for each tool: nothing is downloaded', async ({
    task,
  }) => {
    const noteId = await engine.call('addNote', {
      note: { deckName: 'Default', modelName: 'Basic', fields: { Front: 'note' } },
    });
    let cases = 0;
    for (const url of addressesOf(privateServer.port)) {
      const picture = [{ filename: 'a.png', url, fields: ['Front'] }];
      const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: `note ${cases}` }, picture };
      const { picture: _, ...bare } = note;
      const calls: [string, Record<string, unknown>][] = [
        ['storeMediaFile', { filename: 'a.png', url }],
        ['addNote', { note }],
        ['updateNoteFields', { note: { id: noteId, fields: {}, picture } }],
        ['multi', { actions: [{ action: 'storeMediaFile', params: { filename: 'a.png', url } }] }],
        ['guiAddCards', { note }],
      ];
      for (const [name, args] of calls) {
        const { isError, text } = await assistant.call(name, args);
        expect(isError, `${name} ${url}`).toBe(true);
        expect(text, `${name} ${url}`).toMatch(/is not allowed|cannot be downloaded/);
        cases++;
      }
      const media = [{ field: 'Front', filename: 'a.png', url }];
      const saved = await assistant.call('saveNotes', { notes: [{ ...bare, media }] });
      expect(saved.text, url).toMatch(/"invalid":1/);
      cases++;
    }
    expect(privateServer.requests).toBe(0);
    expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
    expect(await engine.call('findNotes', { query: '' })).toEqual([noteId]);
    task.meta.cases = cases;
  });

  test('a public address redirects to private ones, with each status: nothing is downloaded from there', async ({
    task,
  }) => {
    let status = 302;
    let location = '';
    const publicServer = await web('127.0.0.2', (request, response) => {
      if (request.url === '/hop') response.writeHead(302, { location: '/' }).end();
      else response.writeHead(status, { location, refresh: `0; url=${location}` }).end(png);
    });
    const { port } = privateServer;
    const locations = [
      `http://127.0.0.1:${port}/`,
      `//127.0.0.1:${port}/`,
      `/\\127.0.0.1:${port}/`,
      `\\\\127.0.0.1:${port}/`,
      `http:\\\\127.0.0.1:${port}/`,
      `http://localhost:${port}/`,
      `http://here.test:${port}/`,
      `http://mixed.test:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://evil@127.0.0.2:${port}/`,
      `http://2130706433:${port}/`,
      'file:///etc/passwd',
      'data:image/png;base64,iVBORw0KGgo=',
      'ftp://127.0.0.1/a.png',
    ];
    let cases = 0;
    for (status of [301, 302, 303, 307, 308]) {
      for (location of locations) {
        for (const path of ['', 'hop']) {
          const url = `http://127.0.0.2:${publicServer.port}/${path}`;
          const { isError, text } = await assistant.call('storeMediaFile', { filename: 'a.png', url });
          expect(isError, `${status} ${location}`).toBe(true);
          expect(text, `${status} ${location}`).toMatch(/is not allowed|cannot be downloaded/);
          cases++;
        }
      }
    }
    status = 200; // the Location header of a success is ignored
    const url = `http://127.0.0.2:${publicServer.port}/`;
    location = locations[0] ?? '';
    expect((await assistant.call('storeMediaFile', { filename: 'a.png', url })).isError).toBe(false);
    expect(privateServer.requests).toBe(0);
    task.meta.cases = cases + 1;
  });

  test('a proxy in the environment: media are not downloaded through it', async () => {
    const names = ['http_proxy', 'HTTP_PROXY', 'ALL_PROXY', 'https_proxy'];
    for (const name of names) process.env[name] = `http://127.0.0.1:${privateServer.port}`;
    process.env['NODE_USE_ENV_PROXY'] = '1';
    closing.push(() => {
      for (const name of [...names, 'NODE_USE_ENV_PROXY']) delete process.env[name];
    });
    const publicServer = await web('127.0.0.2', (_, response) => response.end(png));
    const url = `http://127.0.0.2:${publicServer.port}/`;
    expect((await assistant.call('storeMediaFile', { filename: 'a.png', url })).isError).toBe(false);
    expect([publicServer.requests, privateServer.requests]).toEqual([1, 0]);
  });

  const evil = 'http://evil.example:8765';

  /** Requests that a page can send after DNS rebinding. The Origin is always that of the page. */
  test.each<[what: string, headers: string, becomes: 'answered' | 'refused']>([
    ['a page under the rebound name', `Host: evil.example:8765\r\nOrigin: ${evil}`, 'refused'],
    ['a page of another site, with the correct host', `Host: 127.0.0.1\r\nOrigin: ${evil}`, 'refused'],
    [
      'a form, which needs no preflight request',
      `Host: evil.example\r\nOrigin: ${evil}\r\nContent-Type: text/plain`,
      'refused',
    ],
    ['a page with the origin null', 'Host: evil.example\r\nOrigin: null', 'refused'],
    ['a host name that begins with localhost', 'Host: x\r\nOrigin: http://localhost.evil.example', 'refused'],
    ['a host name that begins with 127.0.0.1', 'Host: x\r\nOrigin: http://127.0.0.1.evil.example', 'refused'],
    [
      'an origin that ends with localhost',
      'Host: localhost\r\nOrigin: http://evil.example/http://localhost',
      'refused',
    ],
    ['localhost with https', 'Host: localhost\r\nOrigin: https://localhost', 'refused'],
    ['two origins', `Host: localhost\r\nOrigin: http://localhost\r\nOrigin: ${evil}`, 'refused'],
    [
      'two origins in reverse order',
      `Host: localhost\r\nOrigin: ${evil}\r\nOrigin: http://localhost`,
      'refused',
    ],
    ['an origin in capitals', 'Host: localhost\r\nORIGIN: HTTP://EVIL.EXAMPLE', 'refused'],
    ['a page of this computer', 'Host: evil.example\r\nOrigin: http://localhost', 'answered'],
    ['a program, without an origin', 'Host: evil.example', 'answered'],
    ['a program through a forwarded port', 'Host: anki.internal:80', 'answered'],
  ])('a request with the host name of another computer: %s', async (what, headers, becomes) => {
    const api = await startApi(engine);
    closing.push(api.close);
    const body = JSON.stringify({ action: 'createDeck', version: 6, params: { deck: what } });
    const length = `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
    const text = await raw(api.port, `POST / HTTP/1.1\r\n${headers}\r\n${length}\r\n\r\n${body}`);
    expect(text).toMatch(becomes === 'answered' ? /^HTTP\/1.1 200/ : /^HTTP\/1.1 403/);
    expect((await engine.call('deckNames', {})).includes(what)).toBe(becomes === 'answered');
    if (becomes === 'refused') expect(text).not.toContain('evil.example');
    expect(text).not.toContain('Access-Control-Allow-Origin: *');
  });

  test.each([
    ['a visit to the URL', 'GET / HTTP/1.1\r\nHost: evil.example', /^HTTP\/1.1 200[^]*\{"apiVersion"/],
    [
      'an action in the URL',
      'GET /?action=createDeck&params={} HTTP/1.1\r\nHost: evil.example',
      /"apiVersion"/,
    ],
    [
      'an upgrade',
      `GET / HTTP/1.1\r\nHost: evil.example\r\nOrigin: ${evil}\r\nUpgrade: websocket`,
      /^HTTP\/1.1 (200|403)/,
    ],
    [
      'a preflight request',
      `OPTIONS / HTTP/1.1\r\nHost: evil.example\r\nOrigin: ${evil}\r\nAccess-Control-Request-Method: POST`,
      /Access-Control-Allow-Origin: http:\/\/localhost\r\n/,
    ],
  ])('a browser request with the host name of another computer: %s', async (_, head, expected) => {
    const api = await startApi(engine);
    closing.push(api.close);
    const text = await raw(api.port, `${head}\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(expected);
    expect(text).not.toContain('evil.example');
    expect(await engine.call('deckNames', {})).toEqual(['Default']);
  });
});

/** Sends bytes and returns the complete reply. */
const raw = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('error', reject).on('close', () => resolve(text));
  });
