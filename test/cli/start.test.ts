import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { install } from '../../src/backends/engine/process/install.ts';
import { optionTable } from '../../src/cli/options.ts';
import { startProgram } from '../support/recorded-program.ts';
import { newCollection, startServe } from '../support/served.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const runBuilt = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8', input: '' });

test.each([
  [['--toolsets', 'cor'], 'unknown toolset "cor"; did you mean "core"?'],
  [['--url', 'ftp://x'], '--url needs an http or https URL'],
  [['--allow-dir', '/no/such/folder'], '--allow-dir /no/such/folder is not a folder'],
  [['--colection', 'x'], 'did you mean "--collection"?'],
])('%j: initialize is answered with the reason, and the program ends', async (args, reason) => {
  const program = startProgram(args);
  const clientInfo = { name: 'test', version: '1' };
  const reply = await program.request('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo,
  });
  expect(reply).toMatchObject({ error: { message: expect.stringContaining(reason) } });
  expect(await program.exit).toBe(2);
  expect(program.output.stderr).toContain(reason);
});

test('an old Node gets one line with the version that is needed', () => {
  const disguise = join(temporaryFolder(), 'old-node.cjs');
  writeFileSync(disguise, "Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } });");
  const { status, stdout, stderr } = runBuilt('--require', disguise, main, 'doctor');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^ankiwright: Node 18\.20\.4 is too old\. Install Node 20\.19 or later.*\n$/);
});

test.each([['--help'], ['-h'], ['help']])('%s prints the help', (word) => {
  const { status, stdout } = runBuilt(main, word);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ankiwright: an MCP server for Anki\n/);
});

test('the first screen of the help is short, and says where the rest is', () => {
  const { stdout } = runBuilt(main, '-h');
  const lines = stdout.split('\n');
  expect(lines.length).toBeLessThan(36);
  expect(lines.filter((line) => line.startsWith('  --'))).toHaveLength(6);
  expect(lines.filter((line) => line.length > 110)).toEqual([]);
  expect(stdout).toContain('ankiwright help options');
});

test.each([[['help', 'options']], [['help', '--all']], [['--help', '--all']]])(
  '%j prints all options',
  (words) => {
    const { stdout } = runBuilt(main, ...words);
    for (const [name] of optionTable) expect(stdout).toMatch(new RegExp(`^  --${name} `, 'm'));
  },
);

test.each([
  [['--idle', '-1', '--profile', 'x'], '--idle needs a number of seconds above 0'],
  [['serve', '--port', '-1'], '--port needs a port'],
  [['--max-result', '-5'], '--max-result needs at least 1 KB'],
  [['sync'], 'sync needs --collection PATH or --profile NAME, and the account: --sync-user NAME'],
  [
    ['sync', '--collection', '/tmp/c.anki2'],
    'sync needs the account: --sync-user NAME and --sync-password-file',
  ],
])('%j is refused with the reason', (args, reason) => {
  const { status, stderr } = runBuilt(main, ...args);
  expect(status).toBe(2);
  expect(stderr).toContain(reason);
});

test('a new collection needs the extension .anki2', () => {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('empty.txt'), '');
  for (const command of [[], ['serve'], ['sync', '--sync-user', 'me']]) {
    for (const [name, reason] of [
      ['words.txt', 'words.txt does not exist. A new collection is created only with the extension .anki2'],
      ['empty.txt', 'empty.txt is not a collection. A new collection'],
      ['', `is a folder. It needs the file in it, usually ${path('collection.anki2')}`],
    ] as const) {
      const { status, stderr } = runBuilt(main, ...command, '--collection', path(name));
      expect(status).toBe(2);
      expect(stderr).toContain(reason);
    }
  }
  expect(readdirSync(folder)).toEqual(['empty.txt']);
});

test('a collection with another extension is used', async () => {
  const collection = newCollection();
  const engine = new Engine({ collection, log: () => {} });
  await engine.call('version', {});
  await engine.close();
  const other = join(temporaryFolder(), 'words.db');
  copyFileSync(collection, other);
  const program = startProgram(['--collection', other]);
  await program.initialize();
  expect(await program.call('deckNames')).toMatchObject({
    result: { structuredContent: { result: ['Default'] } },
  });
  await program.end();
});

test('setup names a Python that cannot be run, also with an installed engine', async () => {
  await install({ log: () => {} });
  const { status, stderr } = runBuilt(main, 'setup', '--python', '/nowhere');
  expect(status).toBe(1);
  expect(stderr).toMatch(/\(\/nowhere cannot be run\).*--python PATH/);
  expect(stderr).not.toMatch(/elete|ready/);
});

test('serve says what to do about a collection in use, without naming an option', async () => {
  const collection = newCollection();
  const engine = new Engine({ collection, log: () => {} });
  await engine.call('version', {});
  const { output } = startServe('--collection', collection, '--port', '0');
  await vi.waitFor(
    () => expect(output.stderr).toContain('Close it there: the next request opens it here.'),
    100_000,
  );
  expect(output.stderr).not.toContain('--collection');
  await engine.close();
});

test.each([['--version'], ['-v'], ['version']])('%s prints the version', (word) => {
  expect(runBuilt(main, word).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('the help of a command has only its options', () => {
  const { stdout } = runBuilt(main, 'install', '--help');
  expect(stdout).toContain('--dry-run');
  expect(stdout).not.toContain('--cors-origin');
});

test('an address without a scheme is taken for http', async () => {
  const program = startProgram(['--url', '127.0.0.1:9']);
  await program.initialize();
  expect(await program.call('version')).toMatchObject({
    result: { isError: true, content: [{ text: expect.stringContaining('http://127.0.0.1:9') }] },
  });
  await program.end();
});
