import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { chooseClients } from '../../../src/cli/install/choose.ts';
import { deadUrl } from '../../support/fake-anki.ts';
import { runBuilt } from '../../support/run-built.ts';
import { newCollection, startServe } from '../../support/served.ts';
import { Computer, key } from './computer.ts';

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

/** Runs `install` of the built program on a simulated computer. */
async function install(computer: Computer, ...args: string[]) {
  const { stdout, stderr, code } = await runBuilt(computer.home, 'install', ...args);
  expect(stdout + stderr).not.toContain(key);
  return { stdout, stderr, code };
}

function computerWith(...folders: string[]): Computer {
  const computer = new Computer();
  for (const folder of folders) mkdirSync(join(computer.home, folder));
  return computer;
}

const trial = 180_000;

test(
  'install starts the server as the client does, and reports its tools and the due cards',
  { timeout: trial },
  async () => {
    const server = startServe('--collection', newCollection());
    const computer = computerWith('.cursor', '.codex');
    const { stderr, code } = await install(computer, '--all', '--url', await server.url, '--api-key', '');
    expect(code).toBe(0);
    expect(stderr).toMatch(/Cursor: connected: \d+ tools, 0 cards due today\./);
    expect(stderr).toMatch(/Codex: connected: \d{3} tools, 0 cards due today\./);
    expect(stderr).toContain('ask in the client: "What is due in Anki today?"');
    expect(computer.names()).toContain('.codex/config.toml');
    expect(stderr).toMatch(/mcp\.json: added "anki"\.\n.*\+ \{\n.*\+ {3}"mcpServers": \{/);
  },
);

test('if Anki is not open, install says what to do, as doctor does', async () => {
  const computer = computerWith('.gemini');
  const { stderr, code } = await install(computer, 'gemini', '--url', await deadUrl(), '--api-key', key);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /Gemini CLI: the server starts, with \d{3} tools, but it does not reach your cards yet\.\n.*x {2}port: Nothing listens at .*\n.*→ Start Anki.*\n.*Restart Gemini CLI.*\n.*Then ask in the client/,
  );
});

test.each([
  ['goose', /does not change the configuration of goose\. Remove the entry there by hand/],
  ['cursr', /unknown client "cursr".*Did you mean cursor\?/],
])('uninstall %s says what to do', async (client, message) => {
  const { stderr, code } = await runBuilt(computerWith('.cursor').home, 'uninstall', client);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('install --print');
});

test('install names the way for an unknown client', async () => {
  const { stderr } = await install(computerWith('.cursor'), 'emacs');
  expect(stderr).toContain('For another client, "ankiwright install --print" prints the entry.');
});

test('a dry run starts nothing', async () => {
  const computer = computerWith('.gemini');
  const { stderr } = await install(computer, 'gemini', '--dry-run');
  expect(stderr).not.toContain('connected');
});

test('without a terminal and without --all, the clients on this computer are listed', async () => {
  const { stderr, code } = await install(computerWith('.cursor', '.codex'));
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /there are cursor, codex\. Type "ankiwright install cursor", or "ankiwright install --all"/,
  );
});

test.each([
  ['', ['cursor', 'codex']],
  ['2', ['codex']],
  ['codex, 1 codex', ['codex', 'cursor']],
])('on a terminal, the user chooses the clients: "%s"', async (answer, names) => {
  const answers = ['3', answer];
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return answers.shift();
  };
  const choice = { client: undefined, all: false };
  const chosen = await chooseClients(choice, computerWith('.cursor', '.codex').system, ask);
  expect(chosen.map(({ name }) => name)).toEqual(names);
  expect(questions[0]).toContain('  1  Cursor\n  2  Codex\n');
  expect(questions[1]).toContain('numbers from 1 to 2');
});

test.each<[string, readonly string[], RegExp]>([
  ['an unknown toolset', ['--toolsets', 'cor'], /unknown toolset "cor"; did you mean "core"/],
  ['an unknown tool', ['--exclude-tools', 'sink'], /unknown tool "sink"; did you mean "sync"/],
  ['a missing folder', ['--allow-dir', '/no/such'], /--allow-dir \/no\/such is not a folder/],
  ['a missing file', ['--api-key-file', '/no/such'], /--api-key-file \/no\/such cannot be read/],
  ['an unknown profile', ['--profile', 'Nobody'], /has no profile "Nobody"/],
  [
    'a program that is not Python',
    ['--collection', '/tmp/c.anki2', '--python', '/bin/true'],
    /needs Python 3\.10/,
  ],
  [
    'a collection in a missing folder',
    ['--collection', '/no/such/c.anki2'],
    /the folder of the collection, \/no\/such, does not exist/,
  ],
  [
    'a collection with another extension',
    ['--collection', '/tmp/no-such-collection.txt'],
    /no-such-collection\.txt does not exist\. A new collection is created only with the extension \.anki2/,
  ],
  ['an address with a password', ['--url', 'http://u:p@localhost'], /without user and password/],
  ['an option that allows something once', ['--sync-full', 'upload'], /--sync-full has no effect on install/],
])('nothing is written with %s', async (_name, args, message) => {
  const computer = computerWith('.cursor');
  for (const how of [[], ['--print']]) {
    const { stderr, code } = await install(computer, 'cursor', ...args, ...how);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
  }
  expect(computer.names()).toEqual(['.cursor']);
});

test.each<[readonly string[], RegExp]>([
  [['install', 'cursor', '--all'], /--all has no effect with the name of a client/],
  [['install', 'cursor', '--name', '1'], /--name needs a letter, and up to 31 more/],
  [
    ['uninstall', 'cursor'],
    /mcp\.json has no server "anki"\. Nothing was changed\. Choose another with --name NAME/,
  ],
  [['uninstall'], /the client is missing\. The clients are claude-desktop, /],
  [['doctr'], /unknown command "doctr"\. Did you mean "doctor"\?/],
])('%j is answered with the reason', async (args, message) => {
  const computer = computerWith('.cursor');
  const { stderr } = await runBuilt(computer.home, ...args);
  expect(stderr).toMatch(message);
  expect(computer.names()).toEqual(['.cursor']);
});

test('options of an entry that cannot be kept are reported, and --fresh drops them', async () => {
  const computer = computerWith('.cursor');
  const entry = { command: process.execPath, args: [main, '--gone'] };
  computer.write('cursor', JSON.stringify({ mcpServers: { anki: entry } }));
  const { stderr, code } = await install(computer, 'cursor');
  expect(code).toBe(1);
  expect(stderr).toMatch(/options of the present entry cannot be kept: Unknown option '--gone'.*--fresh/);
  const dropped = await install(computer, 'cursor', '--fresh', '--dry-run');
  expect(dropped.stderr).toContain('would update "anki"');
});

/** Runs a program in a terminal, and types something when it has printed a text. */
const inTerminal = `
import os, pty, sys
wanted, typed = sys.argv[1].encode(), sys.argv[2].encode()
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[3], sys.argv[3:])
output = b""
while True:
    try:
        chunk = os.read(terminal, 4096)
    except OSError:
        break
    if not chunk:
        break
    if wanted not in output and wanted in output + chunk:
        os.write(terminal, typed)
    output += chunk
sys.stdout.buffer.write(output)
`;

test('on a terminal without arguments, the program says what it is and what to do next', () => {
  const { home } = new Computer();
  const env = { HOME: home, PATH: process.env['PATH'] };
  const args = ['-c', inTerminal, '--help', '\u0003', process.execPath, main];
  const { stdout } = spawnSync('python3', args, { env, encoding: 'utf8' });
  expect(stdout).toMatch(/MCP server for Anki.*ankiwright install.*ankiwright doctor.*--help/s);
});

test('a terminal is asked', { timeout: trial }, async () => {
  const computer = computerWith('.cursor', '.codex');
  const env = { HOME: computer.home, PATH: process.env['PATH'] };
  const args = [
    '-c',
    inTerminal,
    'Enter for all',
    '2\r',
    process.execPath,
    main,
    'install',
    '--url',
    await deadUrl(),
  ];
  const child = spawn('python3', args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await text(child.stdout)).toMatch(/Add Anki to which client\?.*Codex: the server starts/s);
  expect(computer.names()).toEqual(['.codex', '.codex/config.toml', '.cursor']);
});
