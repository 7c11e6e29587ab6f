import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ankiFolder } from '../../../src/cli/anki-folder.ts';
import { Engine } from '../../../src/backends/engine/engine.ts';
import { findPython, install } from '../../../src/backends/engine/process/install.ts';
import * as fake from '../../support/fake-anki.ts';
import { runBuilt } from '../../support/run-built.ts';
import { anki } from './anki.ts';
import { copiedEngine } from './copied-engine.ts';
import { newFolder, system } from './examined.ts';

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const secret = 's3cret-of-anki';
const program = { command: process.execPath, args: [main] };

/** A home in which Cursor starts these servers, and the add-on has these settings. */
function computer(servers: object, meta?: object) {
  const home = newFolder();
  const file = join(home, '.cursor', 'mcp.json');
  mkdirSync(dirname(file));
  writeFileSync(file, JSON.stringify({ mcpServers: servers }));
  if (meta !== undefined) {
    const folder = join(ankiFolder(system(home)), 'addons21', '2055492159');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'meta.json'), JSON.stringify(meta));
  }
  return { home, servers: () => JSON.parse(readFileSync(file, 'utf8')).mcpServers };
}

/** Runs `doctor` of the built program in this home, without other options than these. */
async function doctor(home: string, ...args: string[]) {
  const { stdout, stderr, code } = await runBuilt(home, 'doctor', ...args);
  expect(stdout + stderr).not.toContain(secret);
  expect(stdout + stderr).not.toMatch(/"code"|invalid_type|Unexpected token/);
  return { stdout, stderr, code };
}

const ofPort = (url: string): number => Number(new URL(url).port);

test('each entry is examined with its own options', async () => {
  const { url } = await anki();
  const dead = await fake.deadUrl();
  const { home } = computer({
    anki: { ...program, args: [main, '--url', url] },
    second: { ...program, args: [main, '--url', url, '--read-only'] },
    spanish: { ...program, env: { ANKI_CONNECT_URL: dead } },
  });
  const { stdout, code } = await doctor(home);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    new RegExp(`^x {2}port \\(cursor \\("spanish"\\)\\): Nothing listens at ${dead}\\.`),
  );
  expect(stdout).toMatch(/\nok key \(cursor, cursor \("second"\)\): Anki-Connect needs no key\./);
});

test('typed options are examined instead of the entries', async () => {
  const { url } = await anki();
  const { home } = computer({ anki: { ...program, args: [main, '--url', await fake.deadUrl()] } });
  const { stdout, code } = await doctor(home, '--url', url);
  expect(code).toBe(0);
  expect(stdout).toContain(`ok port: A program listens at ${url}.`);
});

test('--fix sets the port of the add-on, and keeps the other options', async () => {
  const { url } = await anki();
  const config = { webBindPort: ofPort(url), apiKey: null };
  const { home, servers } = computer(
    { anki: { ...program, args: [main, '--read-only', '--url', await fake.deadUrl()] } },
    { config },
  );
  const before = await doctor(home);
  expect(before.stdout).toMatch(
    /x {2}add-on: The add-on listens at http:\S+, and the server uses http:\S+\.\n {3}→ `ankiwright doctor --fix` .*`ankiwright install cursor --url http/,
  );
  const { stdout, stderr, code } = await doctor(home, '--fix');
  expect(stderr).toMatch(/The add-on listens at .*\n.*updated "anki"\.\n.*- .*\n.*\+ /s);
  expect(servers().anki.args).toEqual(expect.arrayContaining([main, '--url', url, '--read-only']));
  expect(stdout).toContain(`ok port: A program listens at ${url}.`);
  expect(code).toBe(0);
});

test('--fix takes the key from the settings of the add-on, and nothing shows it', async () => {
  const { url } = await anki({
    version: async (socket, request) => {
      const { body } = await request();
      const answer = body.includes(secret)
        ? fake.answers(6)
        : fake.answers(null, 'valid api key must be provided');
      await answer(socket, request);
    },
  });
  const config = { webBindPort: ofPort(url), apiKey: secret };
  const args = [main, '--url', url, '--api-key-file', join(newFolder(), 'key')];
  writeFileSync(args[4] ?? '', 'wrong');
  const { home, servers } = computer({ anki: { ...program, args } }, { config });
  const { stdout, code } = await doctor(home, '--fix');
  expect(servers().anki.env).toEqual({ ANKI_CONNECT_API_KEY: secret });
  expect(servers().anki.args).not.toContain('--api-key-file');
  expect(stdout).toContain('Anki-Connect accepts the key.');
  expect(code).toBe(0);
});

test('--fix replaces a Node that does not exist any more, and keeps the options', async () => {
  const { url } = await anki();
  const { home, servers } = computer({
    anki: { command: '/gone/node', args: [main, '--url', url, '--confirm', 'always'] },
  });
  expect((await doctor(home)).stdout).toMatch(
    /^x {2}client: cursor: its program \/gone\/node does not exist\.\n {3}→ `ankiwright install cursor`/,
  );
  const { code } = await doctor(home, '--fix');
  expect(code).toBe(0);
  expect(servers().anki).toMatchObject({ command: process.execPath });
  expect(servers().anki.args).toEqual(expect.arrayContaining(['--url', url, '--confirm', 'always']));
});

test('without something to correct, --fix says so and changes nothing', async () => {
  const { url } = await anki();
  const { home, servers } = computer({ anki: { ...program, args: [main, '--url', url] } });
  const before = servers();
  const { stderr } = await doctor(home, '--fix');
  expect(stderr).toContain('There is nothing that --fix can correct.');
  expect(servers()).toEqual(before);
});

test.each<[string, { disabled?: boolean; config?: object }, RegExp]>([
  [
    'is turned off',
    { disabled: true },
    /x {2}add-on: The add-on Anki-Connect is turned off in Anki\.\n {3}→ .*Toggle Enabled/,
  ],
  [
    'lets every page in',
    { config: { webCorsOriginList: ['*'] } },
    /! {2}add-on: The add-on lets every web page/,
  ],
  [
    'needs a key',
    { config: { apiKey: secret } },
    /x {2}add-on: The add-on has an apiKey in its settings, and the server has none\./,
  ],
])('an add-on that %s is reported while Anki is closed', async (_name, meta, message) => {
  const url = await fake.deadUrl();
  const config = { webBindPort: ofPort(url), ...meta.config };
  const { home } = computer({ anki: { ...program, args: [main, '--url', url] } }, { ...meta, config });
  expect((await doctor(home)).stdout).toMatch(message);
});

test('an add-on with unreadable settings is taken for one with its defaults', async () => {
  const url = await fake.deadUrl();
  const meta = { config: { webBindPort: 'x', apiKey: 7 } };
  const { home } = computer({ anki: { ...program, args: [main, '--url', url] } }, meta);
  expect((await doctor(home)).stdout).toMatch(
    /add-on: The add-on listens at http:\/\/127\.0\.0\.1:8765, and/,
  );
});

test('a missing add-on is reported', async () => {
  const { home } = computer({ anki: { ...program, args: [main, '--url', await fake.deadUrl()] } });
  mkdirSync(ankiFolder(system(home)), { recursive: true });
  const { stdout } = await doctor(home);
  expect(stdout).toMatch(
    /^x {2}add-on: The Anki-Connect add-on .* is not installed .*\n {3}→ In Anki: Tools > Add-ons > Get Add-ons.*--profile NAME/,
  );
  expect(stdout).toContain('1 failure, '); // not another one because nothing listens
});

test('an engine whose Python has moved is used with another Python, without a download', async () => {
  const { engineDir, home } = await copiedEngine();
  const file = join(home, 'ready.json');
  const ready = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...ready, python: '/gone/python3' }));
  const lines: string[] = [];
  const { python } = await install({ engineDir, log: (line) => lines.push(line) });
  expect(python).not.toBe('/gone/python3');
  expect(lines).toEqual([]);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...ready, python });
});

test('an engine whose Python does not start any more is used with another Python, without a network', async () => {
  const python = await findPython(undefined);
  const { engineDir, home } = await copiedEngine();
  const file = join(home, 'ready.json');
  const broken = join(newFolder(), 'python3');
  writeFileSync(broken, '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  const ready = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...ready, python: broken }));
  vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9');
  vi.stubEnv('UV_INDEX_URL', 'http://127.0.0.1:9');
  onTestFinished(() => void vi.unstubAllEnvs());
  const lines: string[] = [];
  const collection = join(newFolder(), 'collection.anki2');
  for (const logged of [1, 1]) {
    const engine = new Engine({ collection, engineDir, log: (line) => lines.push(line) });
    await expect(engine.call('version', {})).resolves.toBe(6);
    await engine.close();
    expect(lines).toHaveLength(logged);
  }
  expect(lines[0]).toMatch(/could not be started with .*\. \S+ is used instead\.$/);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...ready, python });
});

test('--fix installs a damaged engine again', async () => {
  const { engineDir, home, wheel } = await copiedEngine();
  rmSync(wheel, { recursive: true });
  const collection = join(newFolder(), 'collection.anki2');
  const args = [main, '--collection', collection, '--engine-dir', engineDir];
  const { home: user } = computer({ anki: { ...program, args } });
  const before = await doctor(user);
  expect(before.code).toBe(1);
  expect(before.stdout).toMatch(
    /^x {2}engine: The engine in .* does not start: .*\n {3}→ `ankiwright doctor --fix`/,
  );
  const { stdout, stderr, code } = await doctor(user, '--fix');
  expect(stderr).toMatch(/does not start: .*\n.*Deleting .*anki-[\d.]+, and installing the engine again\./);
  expect(stdout).toContain(`ok engine: The engine in ${home} starts.`);
  expect(code).toBe(0);
});

test.each([
  ['/bin/echo', 'prints its arguments'],
  ['#!/bin/sh\ncase "$*" in *sys.version*) echo 3.12; echo "$0";; *) echo "[]";; esac', 'prints JSON'],
  [
    '#!/bin/sh\ncase "$*" in *sys.version*) echo 3.12; echo "$0";; *) echo hello; exit 3;; esac',
    'prints text and fails',
  ],
  ['#!/bin/sh\necho 3.12', 'prints half of the answer'],
])('a program in place of Python is reported without its output: %s (it %s)', async (content) => {
  const folder = newFolder();
  const collection = join(folder, 'collection.anki2');
  writeFileSync(collection, 'SQLite format 3\0');
  const python = content.startsWith('#!') ? join(folder, 'python') : content;
  if (python !== content) writeFileSync(python, content, { mode: 0o755 });
  const { engineDir } = await copiedEngine();
  const { stdout, code } = await doctor(
    newFolder(),
    '--collection',
    collection,
    '--python',
    python,
    '--engine-dir',
    engineDir,
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/^x {2}/);
  rmSync(engineDir, { recursive: true });
});
