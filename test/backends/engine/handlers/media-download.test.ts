import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startApi, type Api } from '../../../support/api.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { note } from '../../../support/countable-writes.ts';
import { startWebServer } from '../../../support/web-server.ts';

const picture = Buffer.from('89504e470d0a1a0a'.padEnd(4000, '0'), 'hex');

const bodies: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(picture),
  'x-gzip': gzipSync(picture),
  deflate: deflateSync(picture),
  'Deflate, identity': deflateRawSync(picture),
  br: brotliCompressSync(picture),
  'deflate, gzip': gzipSync(deflateSync(picture)),
  identity: picture,
  unknown: picture,
};

let temporary: ReturnType<typeof temporaryEngine>;
let api: Api;
let web: Awaited<ReturnType<typeof startWebServer>>;
let encoding: string;
let body: Buffer;
let asked: string | undefined;

beforeEach(async () => {
  temporary = temporaryEngine();
  api = await startApi(temporary.engine);
  web = await startWebServer((request, response) => {
    asked = String(request.headers['accept-encoding']);
    response.writeHead(200, { 'Content-Encoding': encoding }).end(body);
  });
});
afterEach(async () => {
  web.close();
  await api.close();
  await temporary.close();
});

const store = () =>
  api.ask({ action: 'storeMediaFile', version: 6, params: { filename: 'u.png', url: web.url } });

const stored = async (): Promise<Buffer> =>
  readFileSync(join(await temporary.engine.call('getMediaDirPath', {}), 'u.png'));

test.each(Object.entries(bodies))(
  'a download with the encoding %s is stored decoded',
  async (name, content) => {
    [encoding, body] = [name, content];
    expect(await store()).toBe('{"result": "u.png", "error": null}');
    expect(await stored()).toEqual(picture);
    expect(asked).toBe('gzip, deflate, br');
  },
);

test('an attachment of a note is stored decoded', async () => {
  [encoding, body] = ['gzip', gzipSync(picture)];
  const picturesOf = { filename: 'u.png', url: web.url, fields: ['Front'] };
  const id = await api.ask({ action: 'addNote', params: { note: { ...note('a'), picture: [picturesOf] } } });
  expect(id).toMatch(/^\d{13}$/);
  expect(await stored()).toEqual(picture);
});

test.each([
  ['gzip', Buffer.from('not compressed')],
  ['gzip', gzipSync(picture).subarray(0, 20)],
  ['br', Buffer.from('not compressed')],
])('a download with a broken encoding %s is refused, and nothing is stored', async (name, content) => {
  [encoding, body] = [name, content];
  expect(await store()).toMatch(/download failed: its encoding \w+ cannot be decoded/);
  expect(await temporary.engine.call('getMediaFilesNames', {})).toEqual([]);
});

test('a download that becomes too large when it is decoded is refused', async () => {
  [encoding, body] = ['gzip', gzipSync(Buffer.alloc(300_000_000))];
  expect(await store()).toContain('the file is larger than 268435456 bytes');
});
