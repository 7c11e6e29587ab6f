import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Engine } from '../../../src/backends/engine/engine.ts';
import { cacheFolder } from '../../../src/backends/engine/process/install.ts';
import { deadUrl } from '../../support/fake-anki.ts';
import { anki } from './anki.ts';
import { listing, newFolder } from './examined.ts';

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

// Its rights would let an administrator read and write everything.
const withoutRights =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : [];

/** The built program, as `doctor`, in a home of its own. */
async function doctor(...args: string[]) {
  const home = newFolder();
  const [command = '', ...rest] = [...withoutRights, process.execPath, main, 'doctor', ...args];
  const env = { ...process.env, HOME: home, USERPROFILE: home, ANKIWRIGHT_ENGINE_DIR: cacheFolder() };
  const child = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  expect(listing(home)).toHaveLength(1);
  return { stdout, stderr, code: Number(code) };
}

async function newCollection(): Promise<string> {
  const collection = join(newFolder(), 'collection.anki2');
  const engine = new Engine({ collection, log: () => {} });
  await engine.call('version', {});
  await engine.close();
  return collection;
}

test('it reports on stdout, and ends with 0 when nothing failed', async () => {
  const { url } = await anki();
  const { stdout, stderr, code } = await doctor('--url', url);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^ok Node: .*\n! {2}client: .*\n {3}→ `ankiwright install CLIENT`/);
  expect(stdout).toMatch(/\n0 failures, \d warnings?\.\n$/);
  expect(code).toBe(0);
});

test('it ends with 1 when something failed, also as JSON', async () => {
  const { stdout, stderr, code } = await doctor('--json', '--url', await deadUrl());
  expect(stderr).toBe('');
  expect(code).toBe(1);
  const port = { name: 'port', state: 'failure', says: expect.any(String), next: expect.any(String) };
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, checks: expect.arrayContaining([port]) });
});

test('a mistake in the options ends it with 2', async () => {
  const { stdout, stderr, code } = await doctor('--api-key-file', join(newFolder(), 'none'));
  expect(stdout).toBe('');
  expect(stderr).toMatch(/--api-key-file .*none cannot be read/);
  expect(code).toBe(2);
});

test.each<[string, (path: string) => string, number, RegExp]>([
  [
    'cannot be written',
    (path) => path,
    0o444,
    /x {2}collection: \S+ cannot be written\.\n {3}→ Change its perm/,
  ],
  [
    'cannot be read',
    (path) => path,
    0o000,
    /x {2}collection: \S+ cannot be read\.\n {3}→ Change its permissions/,
  ],
  ['is in a folder where nothing can be written', dirname, 0o555, /x {2}disk: Nothing can be written in /],
])('a collection that %s is told', async (_name, place, mode, says) => {
  const collection = await newCollection();
  const path = place(collection);
  chmodSync(path, mode);
  onTestFinished(() => chmodSync(path, 0o755));
  const before = listing(dirname(collection));
  const { stdout, code } = await doctor('--collection', collection);
  expect(stdout).toMatch(says);
  expect(code).toBe(1);
  expect(listing(dirname(collection))).toEqual(before);
});
