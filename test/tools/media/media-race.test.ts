import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, symlinkSync, writeFileSync, type StatOptions } from 'node:fs';
import type * as files from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { capabilitiesOf } from '../../../src/contract/backend.ts';
import { mediaPolicy } from '../../../src/tools/media/media-policy.ts';
import { Assistant } from '../../support/assistant.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let afterStat: ((path: string) => void) | undefined;

// Another process may replace the file after the check and before the server opens it.
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof files>();
  const stat = async (path: string, options?: StatOptions) => {
    const found = await actual.stat(path, options);
    afterStat?.(path);
    return found;
  };
  return { ...actual, stat };
});

afterEach(() => {
  afterStat = undefined;
});

const png = Buffer.from('\x89PNG\r\n\x1a\n and the rest of a picture', 'latin1');

test.each<[by: string, replace: (path: string, secret: string) => void, message: RegExp]>([
  [
    'a link to a file outside the folder',
    (path, secret) => symlinkSync(secret, path),
    /cannot be read \(ELOOP\)/,
  ],
  ['another file', (path, secret) => renameSync(secret, path), /is not allowed: it was replaced/],
  ['a pipe', (path) => void execFileSync('mkfifo', [path]), /is not allowed: it was replaced/],
])('does not read a file that is replaced by %s after the check', async (_, replace, message) => {
  const { engine, close } = temporaryEngine();
  const folder = temporaryFolder();
  const secret = join(temporaryFolder(), 'secret.png');
  const path = join(folder, 'a.png');
  writeFileSync(path, png);
  writeFileSync(secret, png);
  const media = mediaPolicy([folder], capabilitiesOf.engine);
  const assistant = await Assistant.of(engine, { media });
  await engine.call('deckNames', {}); // opens the collection
  afterStat = (checked) => {
    if (checked !== path) return;
    afterStat = undefined;
    rmSync(path);
    replace(path, secret);
  };
  const { isError, text } = await assistant.call('storeMediaFile', { filename: 'a.png', path });
  expect(afterStat).toBeUndefined();
  expect(isError).toBe(true);
  expect(text).toMatch(message);
  expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
  await assistant.close();
  await close();
});

test('refuses a file that grows beyond the limit after the check', async () => {
  const { engine, close } = temporaryEngine();
  const folder = temporaryFolder();
  const path = join(folder, 'a.png');
  writeFileSync(path, png);
  const media = { ...mediaPolicy([folder], capabilitiesOf.engine), maxBytes: png.length };
  const assistant = await Assistant.of(engine, { media });
  expect((await assistant.call('storeMediaFile', { filename: 'a.png', path })).isError).toBe(false);
  afterStat = (checked) => {
    if (checked === path) writeFileSync(path, Buffer.concat([png, png]));
  };
  const { isError, text } = await assistant.call('storeMediaFile', { filename: 'b.png', path });
  expect(isError).toBe(true);
  expect(text).toMatch(/is larger than \d+ bytes/);
  expect(await engine.call('getMediaFilesNames', {})).toEqual(['a.png']);
  await assistant.close();
  await close();
});
