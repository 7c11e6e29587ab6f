import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { BlockList, type LookupFunction } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { actions } from '../../../src/contract/index.ts';
import { capabilitiesOf } from '../../../src/contract/backend.ts';
import { mediaDirs, readConfig } from '../../../src/cli/config.ts';
import type { MediaPolicy } from '../../../src/tools/media/media-policy.ts';
import { readMedia } from '../../../src/tools/media/media-source.ts';
import { runTool } from '../../../src/tools/tool.ts';
import type { Json } from '../../../src/lib/json.ts';
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

/** A web server on an address of this machine; gives its port and how often it was asked. */
async function web(answer: RequestListener, address = '127.0.0.2', port = 0) {
  const seen = { port: 0, requests: 0 };
  const server = createServer((request, response) => {
    seen.requests++;
    answer(request, response);
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(port, address, listening);
  });
  const bound = server.address();
  seen.port = typeof bound === 'object' && bound ? bound.port : 0;
  servers.push({ close: () => server.close().closeAllConnections() });
  return seen;
}

const sends =
  (body: Buffer | string): RequestListener =>
  (_, response) =>
    response.end(body);

const redirects =
  (to: (path: string) => string): RequestListener =>
  (request, response) =>
    response.writeHead(302, { location: to(request.url ?? '') }).end();

/** 127.0.0.2 stands for the Internet. */
const internet = new BlockList();
internet.addAddress('127.0.0.2');
const resolving =
  (...answers: string[]): LookupFunction =>
  (_name, _options, callback) => {
    const address = answers.length > 1 ? answers.shift() : answers[0];
    callback(null, [{ address: address ?? '', family: address?.includes(':') ? 6 : 4 }]);
  };

const policy: MediaPolicy = { dirs: [], maxBytes: 10_000, allow: internet };
const get = async (url: string, more: Partial<MediaPolicy> = {}) =>
  readMedia({ url }, { ...policy, ...more });

test('a picture of the Internet is downloaded, over a redirect too', async () => {
  const { port } = await web((request, response) =>
    request.url === '/a.png' ? response.end(png) : redirects(() => '/a.png')(request, response),
  );
  expect(await get(`http://127.0.0.2:${port}/b`)).toEqual({
    bytes: png,
    kind: 'image',
    mimeType: 'image/png',
  });
  const byName = await get(`http://pictures.test:${port}/a.png`, { lookup: resolving('127.0.0.2') });
  expect(byName.bytes).toEqual(png);
});

let everywhere: Awaited<ReturnType<typeof web>>;
beforeEach(async () => {
  everywhere = await web(sends(png), '0.0.0.0');
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
])('nothing is fetched from %s, not by a redirect either', async (host) => {
  const lookup: Partial<MediaPolicy> = host === hostname() ? { lookup: resolving('127.0.1.1') } : {};
  const url = `http://${host}:${everywhere.port}/`;
  await expect(get(url, lookup)).rejects.toThrow('is not allowed: it is not on the public Internet');
  const { port } = await web(redirects(() => url));
  await expect(get(`http://127.0.0.2:${port}/`, lookup)).rejects.toThrow('not on the public Internet');
  expect(everywhere.requests).toBe(0);
});

test('a name is refused for what it resolves to, even if only one of its addresses is private', async () => {
  const url = `http://pictures.test:${everywhere.port}/`;
  await expect(get(url, { lookup: resolving('127.0.0.1') })).rejects.toThrow('pictures.test is not allowed');
  await expect(get(url, { lookup: resolving('::1') })).rejects.toThrow('pictures.test is not allowed');
  const mixed: LookupFunction = (_name, _options, callback) =>
    callback(null, [
      { address: '127.0.0.2', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]);
  await expect(get(url, { lookup: mixed })).rejects.toThrow('pictures.test is not allowed');
  expect(everywhere.requests).toBe(0);
});

test('a name that changes its mind is judged anew for each connection', async () => {
  const { port } = await web(redirects(() => `http://pictures.test:${everywhere.port}/`));
  const lookup = resolving('127.0.0.2', '127.0.0.1');
  await expect(get(`http://pictures.test:${port}/`, { lookup })).rejects.toThrow(
    'pictures.test is not allowed',
  );
  expect(everywhere.requests).toBe(0);
});

test.each([
  'file:///etc/passwd',
  'ftp://example.com/a.png',
  'gopher://x',
  'a.png',
  'http://user:pass@example.com/',
  'http://:pass@example.com/',
])('the address %s is refused', async (url) => {
  await expect(get(url)).rejects.toThrow('media URLs must be http or https');
  const { port } = await web(redirects(() => url.replace(/^a.png$/, 'data:image/png;base64,')));
  await expect(get(`http://127.0.0.2:${port}/`)).rejects.toThrow('media URLs must be http or https');
});

test('four redirects are too many', async () => {
  const { port } = await web(redirects((path) => `${path}x`));
  await expect(get(`http://127.0.0.2:${port}/`)).rejects.toThrow('redirects more than 3 times');
});

test('too large a file is not read to its end, whatever its announced length', async () => {
  let sent = 0;
  const { port } = await web((_, response) => {
    const pour = () => {
      while (!response.destroyed && response.write(png)) sent += png.length;
      response.once('drain', pour);
    };
    pour();
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
])('only media pass: %s', async (content, says) => {
  const { port } = await web((_, response) => {
    response.setHeader('content-type', 'image/png').end(content);
  });
  await expect(get(`http://127.0.0.2:${port}/a.png`)).rejects.toThrow(says);
});

test('an answer other than 200, and none at all, are told', async () => {
  const { port } = await web((_, response) => response.writeHead(404).end(png));
  await expect(get(`http://127.0.0.2:${port}/`)).rejects.toThrow('HTTP status 404');
  const gone = await web(sends(png), '127.0.0.2');
  servers.pop()?.close();
  await expect(get(`http://127.0.0.2:${gone.port}/`)).rejects.toThrow('cannot be downloaded');
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
])('%j is %s', async (head, mimeType) => {
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
  'the file %s is below the folder',
  async (name) => {
    expect((await file(name)).bytes).toEqual(png);
  },
);

test('a folder that is a link itself is meant as it is given', async () => {
  const alias = [join(folder, 'alias')];
  expect((await file('alias/a.png', alias)).bytes).toEqual(png);
  expect((await file('allowed/a.png', alias)).bytes).toEqual(png);
});

test.each([
  'd.png',
  'allowed-not/c.png',
  'allowed',
  'allowed/../d.png',
  'allowed/link.png',
  'allowed/up/d.png',
  'allowed/zero.png',
  '/etc/passwd',
  '/dev/zero',
  '/no/such/file',
])('the file %s is outside', async (name) => {
  await expect(file(name)).rejects.toThrow(/is not allowed: only files below .*allowed are\./);
});

test.each([
  ['allowed/deep', 'is not a file'],
  ['allowed/none.png', 'the file does not exist'],
  ['allowed/large.png', 'is larger than 10000 bytes'],
  ['allowed/notes.txt', 'is not a picture, sound or video'],
])('%s %s', async (name, says) => {
  await expect(file(name)).rejects.toThrow(says);
});

test('devices are not read, even where all is allowed', async () => {
  await expect(file('/dev/zero', ['/'])).rejects.toThrow('is not a file');
});

test('without --media-dir no file is read, and the error names the option', async () => {
  await expect(file('allowed/a.png', [])).rejects.toThrow('--media-dir FOLDER');
});

const names = new Set(Object.keys(actions));

/** What a tool call hands on to Anki. */
async function sent(name: string, given: object): Promise<Json | undefined> {
  let seen: Json | undefined;
  const backend = backendDouble(async (_, params) => {
    seen = params;
    throw new Error('seen');
  });
  const media = { ...policy, dirs };
  await expect(runTool({ backend, names, name, args: given, media })).rejects.toThrow('seen');
  return seen;
}

const data = png.toString('base64');
const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'x' } };

test('storeMediaFile hands on data only', async () => {
  const path = join(folder, 'allowed/a.png');
  expect(await sent('storeMediaFile', { filename: 'a.png', path, url: 'http://127.0.0.1/' })).toEqual({
    filename: 'a.png',
    data,
  });
  expect(await sent('storeMediaFile', { filename: 'a.css', data: 'Lng=', path: '/etc/passwd' })).toEqual({
    filename: 'a.css',
    data: 'Lng=',
  });
});

test.each(['addNote', 'canAddNote', 'canAddNoteWithErrorDetail', 'guiAddCards', 'guiAddNoteSetData'])(
  '%s hands on data only, within a batch of batches too',
  async (name) => {
    const picture = { filename: 'a.png', path: join(folder, 'allowed/a.png'), fields: ['Front'] };
    const given = { note: { ...note, picture, audio: [{ ...picture, filename: 'b.png' }] } };
    const wanted = {
      note: {
        ...note,
        picture: [{ filename: 'a.png', data, fields: ['Front'] }],
        audio: [{ filename: 'b.png', data, fields: ['Front'] }],
      },
    };
    expect(await sent(name, given)).toEqual(wanted);
    const inner = { action: 'multi', params: { actions: [{ action: name, params: given }] } };
    expect(await sent('multi', { actions: [inner] })).toMatchObject({
      actions: [{ action: 'multi', params: { actions: [{ action: name, params: wanted }] } }],
    });
  },
);

const bad = { filename: 'a.png', path: '/etc/passwd', fields: ['Front'] };
const aside = { filename: 'a.png', url: 'http://localhost:8765/', fields: ['Front'] };

test.each([
  ['storeMediaFile', { filename: 'a', path: '/etc/passwd' }],
  ['storeMediaFile', { filename: 'a', url: 'http://169.254.169.254/' }],
  ['addNote', { note: { ...note, picture: bad } }],
  ['addNotes', { notes: [note, { ...note, video: [aside] }] }],
  ['canAddNotes', { notes: [{ ...note, audio: bad }] }],
  ['canAddNotesWithErrorDetail', { notes: [{ ...note, audio: bad }] }],
  ['updateNote', { note: { id: 1, fields: {}, picture: aside } }],
  ['updateNoteFields', { note: { id: 1, fields: {}, audio: bad } }],
  ['multi', { actions: [{ action: 'storeMediaFile', params: { filename: 'a', path: '/etc/passwd' } }] }],
  ['multi', { actions: [{ action: 'addNote', params: { note: { ...note, picture: [aside] } } }] }],
])('%s reaches nothing by %j', async (name, given) => {
  const refuses = backendDouble(() => Promise.reject(new Error('Anki was asked')));
  const media = { ...policy, dirs };
  await expect(runTool({ backend: refuses, names, name, args: given, media })).rejects.toThrow(
    'is not allowed',
  );
  await expect(runTool({ backend: refuses, names, name, args: given })).rejects.toThrow(
    /is not allowed|--media-dir/,
  );
});

test('folders are given once or more, by the environment too, and have to be there', () => {
  const here = join(folder, 'allowed');
  const odd = join(folder, 'with, comma');
  mkdirSync(odd);
  expect(mediaDirs(readConfig(['--media-dir', here, '--media-dir', odd], {}))).toEqual([here, odd]);
  expect(mediaDirs(readConfig([], { ANKIWRIGHT_MEDIA_DIR: `${here}:${folder}` }))).toEqual([here, folder]);
  expect(mediaDirs(readConfig([], {}))).toEqual([]);
  expect(() => mediaDirs(readConfig(['--media-dir', join(folder, 'd.png')], {}))).toThrow('is not a folder');
});

test('on the desktop files are to be smaller, since Anki stands still while it reads them', () => {
  expect(capabilitiesOf['anki-connect'].maxMediaBytes).toBeLessThan(capabilitiesOf.engine.maxMediaBytes);
});
