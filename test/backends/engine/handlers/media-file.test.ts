import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { Assistant } from '../../../support/assistant.ts';
import { temporaryEngine } from '../../../support/collection.ts';

const data = Buffer.from('new').toString('base64');

let engine: Engine;
let assistant: Assistant;
let close: () => Promise<void>;
let media: string;
let secret: string;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  assistant = await Assistant.of(engine);
  media = await engine.call('getMediaDirPath', {});
  secret = join(dirname(media), 'secret.txt');
  writeFileSync(secret, 'secret');
});

afterEach(async () => {
  expect(readFileSync(secret, 'utf8')).toBe('secret');
  await assistant.close();
  await close();
});

test('a link out of the media folder is not read, overwritten or followed', async () => {
  symlinkSync(secret, join(media, 'link.txt'));
  const read = await assistant.call('retrieveMediaFile', { filename: 'link.txt' });
  expect(read).toMatchObject({ isError: true, text: expect.stringMatching(/link.txt.*link/) });
  for (const filename of ['link.txt', 'LINK.txt']) {
    const stored = await assistant.call('storeMediaFile', { filename, data, deleteExisting: false });
    expect(stored).toMatchObject({ isError: true, text: expect.stringContaining('link.txt') });
  }
  expect(readFileSync(join(media, 'link.txt'), 'utf8')).toBe('secret');
  symlinkSync('inside.txt', join(media, 'near.txt'));
  writeFileSync(join(media, 'inside.txt'), 'inside');
  const near = await assistant.call('retrieveMediaFile', { filename: 'near.txt' });
  expect(near.text).toContain(Buffer.from('inside').toString('base64'));
});

test('a pipe in the media folder does not block a call', async () => {
  execFileSync('mkfifo', [join(media, 'pipe.txt')]);
  for (const [name, args] of [
    ['retrieveMediaFile', {}],
    ['storeMediaFile', { data, deleteExisting: false }],
    ['deleteMediaFile', {}],
  ] as const) {
    const { isError, text } = await assistant.call(name, { filename: 'pipe.txt', ...args });
    expect(isError, name).toBe(true);
    expect(text, name).toContain('pipe.txt');
  }
  expect(readdirSync(media)).toEqual(['pipe.txt']);
});

test.each(['../secret.txt', '../collection.media/../secret.txt', 'a/../../secret.txt', 'secret.txt\0'])(
  'deleteMediaFile does not leave the media folder: %j',
  async (filename) => {
    writeFileSync(join(media, 'keep.txt'), 'keep');
    expect((await assistant.call('deleteMediaFile', { filename })).isError).toBe(false);
    expect(readdirSync(media)).toEqual(['keep.txt']);
    expect(readdirSync(dirname(media))).not.toContain('media.trash');
  },
);
