import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { BlockList, type LookupFunction } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { actions } from '../../../src/contract/index.ts';
import { capabilitiesOf } from '../../../src/contract/backend.ts';
import { allowedDirs, readConfig } from '../../../src/cli/config.ts';
import type { MediaPolicy } from '../../../src/tools/media/media-policy.ts';
import { readMedia } from '../../../src/tools/media/media-source.ts';
import { runTool } from '../../../src/tools/tool.ts';
import { isObject, type Json, type JsonObject } from '../../../src/lib/json.ts';
import { backendDouble } from '../../support/backend-double.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const servers: { close: () => void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Starts a web server on a local address. Returns its port and the number of requests so far. */
async function startWebServer(respond: RequestListener, address = '127.0.0.2', port = 0) {
  const state = { port: 0, requests: 0 };
  const server = createServer((request, response) => {
    state.requests++;
    respond(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, address, resolve);
  });
  const bound = server.address();
  state.port = typeof bound === 'object' && bound ? bound.port : 0;
  servers.push({ close: () => server.close().closeAllConnections() });
  return state;
}

const sends =
  (body: Buffer | string): RequestListener =>
  (_, response) =>
    response.end(body);

const redirects =
  (to: (path: string) => string): RequestListener =>
  (request, response) =>
    response.writeHead(302, { location: to(request.url ?? '') }).end();

/** In these tests, 127.0.0.2 represents the public Internet. */
const internet = new BlockList();
internet.addAddress('127.0.0.2');
/** Returns a resolver that returns these addresses one after the other, and repeats the last one. */
const resolvesTo =
  (...addresses: string[]): LookupFunction =>
  (_name, _options, callback) => {
    const address = addresses.length > 1 ? addresses.shift() : addresses[0];
    callback(null, [{ address: address ?? '', family: address?.includes(':') ? 6 : 4 }]);
  };

const policy: MediaPolicy = { dirs: [], maxBytes: 10_000, allow: internet };
const get = async (url: string, more: Partial<MediaPolicy> = {}) =>
  readMedia({ url }, { ...policy, ...more });

test('downloads a picture from the Internet, also after a redirect', async () => {
  const { port } = await startWebServer((request, response) =>
    request.url === '/a.png' ? response.end(png) : redirects(() => '/a.png')(request, response),
  );
  expect(await get(`http://127.0.0.2:${port}/b`)).toEqual({
    bytes: png,
    kind: 'image',
    mimeType: 'image/png',
  });
  const byName = await get(`http://pictures.test:${port}/a.png`, { lookup: resolvesTo('127.0.0.2') });
  expect(byName.bytes).toEqual(png);
});

let privateServer: Awaited<ReturnType<typeof startWebServer>>;
beforeEach(async () => {
  privateServer = await startWebServer(sends(png), '0.0.0.0');
});

test.each([
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0177.0.0.1',
  '0x7f.0.0.1',
  'localhost',
  'LOCALHOST',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.168.1.1',
  '224.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  hostname(),
])('sends no request to %s, not even after a redirect', async (host) => {
  const lookup: Partial<MediaPolicy> = host === hostname() ? { lookup: resolvesTo('127.0.1.1') } : {};
  const url = `http://${host}:${privateServer.port}/`;
  await expect(get(url, lookup)).rejects.toThrow('is not allowed: it is not on the public Internet');
  const { port } = await startWebServer(redirects(() => url));
  await expect(get(`http://127.0.0.2:${port}/`, lookup)).rejects.toThrow('not on the public Internet');
  expect(privateServer.requests).toBe(0);
});

test('refuses a host name if one of its addresses is private', async () => {
  const url = `http://pictures.test:${privateServer.port}/`;
  await expect(get(url, { lookup: resolvesTo('127.0.0.1') })).rejects.toThrow('pictures.test is not allowed');
  await expect(get(url, { lookup: resolvesTo('::1') })).rejects.toThrow('pictures.test is not allowed');
  const mixed: LookupFunction = (_name, _options, callback) =>
    callback(null, [
      { address: '127.0.0.2', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]);
  await expect(get(url, { lookup: mixed })).rejects.toThrow('pictures.test is not allowed');
  expect(privateServer.requests).toBe(0);
});

test('checks the addresses of a host name again for each connection', async () => {
  const { port } = await startWebServer(redirects(() => `http://pictures.test:${privateServer.port}/`));
  const lookup = resolvesTo('127.0.0.2', '127.0.0.1');
  await expect(get(`http://pictures.test:${port}/`, { lookup })).rejects.toThrow(
    'pictures.test is not allowed',
  );
  expect(privateServer.requests).toBe(0);
});

test.each([
  'file:///etc/passwd',
  'ftp://example.com/a.png',
  'gopher://x',
  'a.png',
  'http://user:pass@example.com/',
  'http://:pass@example.com/',
])('refuses the URL %s', async (url) => {
  await expect(get(url)).rejects.toThrow('media URLs must be http or https');
  const { port } = await startWebServer(redirects(() => url.replace(/^a.png$/, 'data:image/png;base64,')));
  await expect(get(`http://127.0.0.2:${port}/`)).rejects.toThrow('media URLs must be http or https');
});

test('refuses a fourth redirect', async () => {
  const { port } = await startWebServer(redirects((path) => `${path}x`));
  await expect(get(`http://127.0.0.2:${port}/`)).rejects.toThrow('redirects more than 3 times');
});

test('stops the download of a file that is too large and declares no length', async () => {
  let sent = 0;
  const { port } = await startWebServer((_, response) => {
    const send = () => {
      while (!response.destroyed && response.write(png)) sent += png.length;
      response.once('drain', send);
    };
    send();
  });
  await expect(get(`http://127.0.0.2:${port}/`)).rejects.toThrow('is larger than 10000 bytes');
  expect(sent).toBeLessThan(100_000_000);
});

test.each([
  [Buffer.from('<!DOCTYPE html><html><svg></svg></html>'), 'is a web page'],
  [Buffer.from('root:x:0:0:root:/root:/bin/bash'), 'is not a picture, sound or video'],
  [Buffer.from('%PDF-1.7'), 'is not a picture, sound or video'],
  [Buffer.from('\ufeffabc', 'utf16le'), 'is not a picture, sound or video'],
  [Buffer.alloc(0), 'is not a picture, sound or video'],
])('refuses content that is not media: %s', async (content, message) => {
  const { port } = await startWebServer((_, response) => {
    response.setHeader('content-type', 'image/png').end(content);
  });
  await expect(get(`http://127.0.0.2:${port}/a.png`)).rejects.toThrow(message);
});

test('reports a status other than 200, and a server that does not respond', async () => {
  const { port } = await startWebServer((_, response) => response.writeHead(404).end(png));
  await expect(get(`http://127.0.0.2:${port}/`)).rejects.toThrow('HTTP status 404');
  const stopped = await startWebServer(sends(png), '127.0.0.2');
  servers.pop()?.close();
  await expect(get(`http://127.0.0.2:${stopped.port}/`)).rejects.toThrow('cannot be downloaded');
});

test.each([
  ['GIF89a', 'image/gif'],
  ['RIFF\0\0\0\0WEBPVP8 ', 'image/webp'],
  ['\xff\xd8\xff\xe0\0\x10JFIF', 'image/jpeg'],
  ['<?xml version="1.0"?>\n<!-- x --><svg xmlns="http://www.w3.org/2000/svg">', 'image/svg+xml'],
  ['ID3\x04', 'audio/mpeg'],
  ['\xff\xfb\x90\x64', 'audio/mpeg'],
  ['OggS\0\x02', 'audio/ogg'],
  ['\0\0\0\x18ftypisom', 'video/mp4'],
  ['\0\0\0\x18ftypM4A ', 'audio/mp4'],
  ['\x1a\x45\xdf\xa3', 'video/webm'],
])('the content %j has the type %s', async (head, mimeType) => {
  const data = Buffer.from(head, 'latin1').toString('base64');
  expect(await readMedia({ data }, policy)).toMatchObject({ mimeType, kind: mimeType.split('/')[0] });
});

let folder: string;
let dirs: string[];
beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'allowed/deep'), { recursive: true });
  mkdirSync(join(folder, 'allowed-not'));
  for (const name of ['allowed/a.png', 'allowed/deep/b.png', 'allowed-not/c.png', 'd.png']) {
    writeFileSync(join(folder, name), png);
  }
  writeFileSync(join(folder, 'allowed/notes.txt'), 'private');
  writeFileSync(join(folder, 'allowed/large.png'), Buffer.concat([png, Buffer.alloc(10_001)]));
  symlinkSync(join(folder, 'd.png'), join(folder, 'allowed/link.png'));
  symlinkSync(folder, join(folder, 'allowed/up'));
  symlinkSync('deep/b.png', join(folder, 'allowed/inside.png'));
  symlinkSync('/dev/zero', join(folder, 'allowed/zero.png'));
  symlinkSync(join(folder, 'allowed'), join(folder, 'alias'));
  dirs = [join(folder, 'allowed')];
});

const file = (name: string, allowed: string[] = dirs) =>
  readMedia({ path: name.startsWith('/') ? name : `${folder}/${name}` }, { ...policy, dirs: allowed });

test.each(['allowed/a.png', 'allowed/deep/b.png', 'allowed/../allowed/a.png', 'allowed/inside.png'])(
  'reads the file %s below the folder',
  async (name) => {
    expect((await file(name)).bytes).toEqual(png);
  },
);

test('reads files of an allowed folder that is a link', async () => {
  const alias = [join(folder, 'alias')];
  expect((await file('alias/a.png', alias)).bytes).toEqual(png);
  expect((await file('allowed/a.png', alias)).bytes).toEqual(png);
});

test('refuses a folder', async () => {
  await expect(file('allowed')).rejects.toThrow('is not a file');
});

test.each([
  'd.png',
  'allowed-not/c.png',
  'allowed/../d.png',
  'allowed/link.png',
  'allowed/up/d.png',
  'allowed/zero.png',
  '/etc/passwd',
  '/dev/zero',
  '/no/such/file',
])('refuses the file %s outside the folder', async (name) => {
  await expect(file(name)).rejects.toThrow(/is not allowed: only files below .*allowed are\./);
});

test.each([
  ['allowed/deep', 'is not a file'],
  ['allowed/none.png', 'the file does not exist'],
  ['allowed/large.png', 'is larger than 10000 bytes'],
  ['allowed/notes.txt', 'is not a picture, sound or video'],
])('the error for %s says that it %s', async (name, message) => {
  await expect(file(name)).rejects.toThrow(message);
});

test('reads no device, even if all folders are allowed', async () => {
  await expect(file('/dev/zero', ['/'])).rejects.toThrow('is not a file');
});

test('without --allow-dir, no file is read and the error names the option', async () => {
  await expect(file('allowed/a.png', [])).rejects.toThrow('--allow-dir FOLDER');
});

const names = new Set(Object.keys(actions));

/** Returns the parameters that a tool call sends to Anki, alone or between the reads of its summary. */
async function sentParams(name: string, args: object): Promise<Json | undefined> {
  let sent: Json | undefined;
  const backend = backendDouble(async (action, params) => {
    const { actions: calls }: JsonObject = params;
    const batch = action === name || !Array.isArray(calls) ? [] : calls;
    const child = batch.find((call: Json) => isObject(call) && call['action'] === name);
    sent = isObject(child) ? child['params'] : params;
    throw new Error('sent');
  });
  const media = { ...policy, dirs };
  await expect(runTool({ backend, names, name, args, media })).rejects.toThrow('sent');
  return sent;
}

const data = png.toString('base64');
const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'x' } };

test('storeMediaFile sends only data to Anki', async () => {
  const path = join(folder, 'allowed/a.png');
  expect(await sentParams('storeMediaFile', { filename: 'a.png', path, url: 'http://127.0.0.1/' })).toEqual({
    filename: 'a.png',
    data,
  });
  expect(
    await sentParams('storeMediaFile', { filename: 'a.css', data: 'Lng=', path: '/etc/passwd' }),
  ).toEqual({
    filename: 'a.css',
    data: 'Lng=',
  });
});

test.each(['addNote', 'canAddNote', 'canAddNoteWithErrorDetail', 'guiAddCards', 'guiAddNoteSetData'])(
  '%s sends only data to Anki, also in nested batches',
  async (name) => {
    const picture = { filename: 'a.png', path: join(folder, 'allowed/a.png'), fields: ['Front'] };
    const args = { note: { ...note, picture, audio: [{ ...picture, filename: 'b.png' }] } };
    const expected = {
      note: {
        ...note,
        picture: [{ filename: 'a.png', data, fields: ['Front'] }],
        audio: [{ filename: 'b.png', data, fields: ['Front'] }],
      },
    };
    expect(await sentParams(name, args)).toEqual(expected);
    const inner = { action: 'multi', params: { actions: [{ action: name, params: args }] } };
    expect(await sentParams('multi', { actions: [inner] })).toMatchObject({
      actions: [{ action: 'multi', params: { actions: [{ action: name, params: expected }] } }],
    });
  },
);

const localFile = { filename: 'a.png', path: '/etc/passwd', fields: ['Front'] };
const localUrl = { filename: 'a.png', url: 'http://localhost:8765/', fields: ['Front'] };

test.each([
  ['storeMediaFile', { filename: 'a', path: '/etc/passwd' }],
  ['storeMediaFile', { filename: 'a', url: 'http://169.254.169.254/' }],
  ['addNote', { note: { ...note, picture: localFile } }],
  ['addNotes', { notes: [note, { ...note, video: [localUrl] }] }],
  ['canAddNotes', { notes: [{ ...note, audio: localFile }] }],
  ['canAddNotesWithErrorDetail', { notes: [{ ...note, audio: localFile }] }],
  ['updateNote', { note: { id: 1, fields: {}, picture: localUrl } }],
  ['updateNoteFields', { note: { id: 1, fields: {}, audio: localFile } }],
  ['multi', { actions: [{ action: 'storeMediaFile', params: { filename: 'a', path: '/etc/passwd' } }] }],
  ['multi', { actions: [{ action: 'addNote', params: { note: { ...note, picture: [localUrl] } } }] }],
])('refuses %s %j before a request to Anki', async (name, args) => {
  const backend = backendDouble(() => Promise.reject(new Error('Anki received a request')));
  const media = { ...policy, dirs };
  await expect(runTool({ backend, names, name, args, media })).rejects.toThrow('is not allowed');
  await expect(runTool({ backend, names, name, args })).rejects.toThrow(/is not allowed|--allow-dir/);
});

test.each(['allow', 'media'])(
  '--%s-dir can be repeated, has an environment variable, and accepts existing folders only',
  (name) => {
    const option = `--${name}-dir`;
    const here = join(folder, 'allowed');
    const withComma = join(folder, `with, comma ${name}`);
    mkdirSync(withComma);
    const typed = readConfig([option, here, option, withComma], {});
    expect(allowedDirs(typed)).toEqual([here, withComma]);
    const environment = { [`ANKIWRIGHT_${name.toUpperCase()}_DIR`]: `${here}:${folder}` };
    expect(allowedDirs(readConfig([], environment))).toEqual([here, folder]);
    expect(allowedDirs(readConfig([], {}))).toEqual([]);
    expect(() => allowedDirs(readConfig([option, join(folder, 'd.png')], {}))).toThrow(
      `${option} ${join(folder, 'd.png')} is not a folder`,
    );
  },
);

test('the desktop has a smaller limit, because Anki blocks while it reads a file', () => {
  expect(capabilitiesOf['anki-connect'].maxMediaBytes).toBeLessThan(capabilitiesOf.engine.maxMediaBytes);
});

test.each([
  ['gzip', gzipSync(png)],
  ['deflate', deflateSync(png)],
  ['br', brotliCompressSync(png)],
])('a download with the encoding %s is decoded', async (encoding, body) => {
  const { port } = await startWebServer((_, response) =>
    response.writeHead(200, { 'Content-Encoding': encoding }).end(body),
  );
  expect((await get(`http://127.0.0.2:${port}/a.png`)).bytes).toEqual(png);
});

test.each([
  ['is too large', gzipSync(Buffer.concat([png, Buffer.alloc(20_000)])), 'is larger than 10000 bytes'],
  ['is no media file', gzipSync('plain text'), 'is not a picture, sound or video'],
  ['is not gzip', png, 'its encoding gzip cannot be decoded'],
])('a download that %s once decoded is refused', async (_, body, message) => {
  const { port } = await startWebServer((_request, response) =>
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(body),
  );
  await expect(get(`http://127.0.0.2:${port}/a.png`)).rejects.toThrow(message);
});
