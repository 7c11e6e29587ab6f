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

// An administrator may read and write every file unless the process drops these capabilities.
const dropCapabilities =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : [];

/** Runs `doctor` of the built program in a new home folder. */
async function doctor(...args: string[]) {
  const home = newFolder();
  const [command = '', ...rest] = [...dropCapabilities, process.execPath, main, 'doctor', ...args];
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

test('it reports on stdout, and the exit code is 0 if no check failed', async () => {
  const { url } = await anki();
  const { stdout, stderr, code } = await doctor('--url', url);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^! {2}client: .*\n {3}→ `ankiwright install CLIENT`.*\nok Node: /);
  expect(stdout).toMatch(/\n0 failures, \d warnings?\.\n$/);
  expect(code).toBe(0);
});

test('the exit code is 1 if a check failed, also with --json', async () => {
  const { stdout, stderr, code } = await doctor('--json', '--url', await deadUrl());
  expect(stderr).toBe('');
  expect(code).toBe(1);
  const port = { name: 'port', state: 'failure', says: expect.any(String), next: expect.any(String) };
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, checks: expect.arrayContaining([port]) });
});

test('the exit code is 2 for wrong options', async () => {
  const { stdout, stderr, code } = await doctor('--api-key-file', join(newFolder(), 'none'));
  expect(stdout).toBe('');
  expect(stderr).toMatch(/--api-key-file .*none cannot be read/);
  expect(code).toBe(2);
});

test('the built program finds the Python file that examines a collection', async () => {
  const { stdout, code } = await doctor('--collection', await newCollection());
  expect(stdout).toMatch(/\nok collection: \S+ is a collection \(schema \d+\)\.\nok lock: No program has/);
  expect(code).toBe(0);
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
  ['is in a folder that is not writable', dirname, 0o555, /x {2}disk: The folder \S+ is not writable/],
])('a collection that %s is reported', async (_name, pathOf, mode, message) => {
  const collection = await newCollection();
  const path = pathOf(collection);
  chmodSync(path, mode);
  onTestFinished(() => chmodSync(path, 0o755));
  const before = listing(dirname(collection));
  const { stdout, code } = await doctor('--collection', collection);
  expect(stdout).toMatch(message);
  expect(code).toBe(1);
  expect(listing(dirname(collection))).toEqual(before);
});
