import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { clients, locate } from '../../../src/cli/install/clients.ts';
import { anki } from './anki.ts';
import { examined, newFolder, system } from './examined.ts';

const secret = 's3cret-of-anki';

/** Creates a home with a node in a folder on the PATH, and a built ankiwright. */
function computer() {
  const home = newFolder();
  const bin = join(home, 'bin');
  const main = join(home, 'ankiwright', 'dist', 'main.js');
  for (const path of [join(bin, 'node'), main]) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    chmodSync(path, 0o755);
  }
  const on = system(home, { PATH: `/nowhere:${bin}` });
  const write = (name: string, text: string): string => {
    const client = clients.find((one) => one.name === name);
    if (client === undefined) throw new Error(`no client ${name}`);
    const { file } = locate(client, on);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  return { home, on, main, node: join(bin, 'node'), write };
}

const clientsOf = async (on: ReturnType<typeof system>) => {
  const { checks, text } = await examined({ url: (await anki()).url }, on);
  expect(text).not.toContain(secret);
  return checks.filter(({ name }) => name === 'client');
};

const mcpServers = (servers: object): string => JSON.stringify({ mcpServers: servers, other: secret });

test('every client that has ankiwright gets a line, and others do not', async () => {
  const { on, main, node, write } = computer();
  const env = { ANKI_CONNECT_API_KEY: secret };
  write('claude-desktop', mcpServers({ anki: { command: node, args: [main], env } }));
  write('cursor', mcpServers({ files: { command: 'npx', args: ['files'] } }));
  write('codex', `[mcp_servers.anki]\ncommand = "node"\nargs = ["${main}", "--read-only"]\n`);
  expect(await clientsOf(on)).toEqual([
    { name: 'client', state: 'ok', says: `claude-desktop starts ${node} ${main}.` },
    { name: 'client', state: 'ok', says: `codex starts node ${main}.` },
  ]);
});

test('without any client, the command is shown, with the configured clients first', async () => {
  const { on, write } = computer();
  write('vscode', '{ /* none yet */ "servers": {}, }');
  const [finding, ...others] = await clientsOf(on);
  expect(others).toEqual([]);
  expect(finding?.state).toBe('warning');
  expect(finding?.next).toMatch(/^`ankiwright install CLIENT` does it: vscode, claude-desktop, /);
});

test('a configuration that its client cannot read is reported with the line', async () => {
  const { on, write } = computer();
  const file = write('claude-desktop', `{\n  "mcpServers": {\n    "anki": "${secret}\n  }\n}`);
  const [finding, ...others] = await clientsOf(on);
  expect(finding?.state).toBe('failure');
  expect(finding?.says).toContain(`claude-desktop: ${file} cannot be read: line 3 is not JSON`);
  expect(others).toEqual([]);
});

test.each<[string, (main: string, home: string) => { command: string; args: string[] }, RegExp]>([
  [
    'a missing Node',
    (main) => ({ command: '/gone/node', args: [main] }),
    /program \/gone\/node does not exist/,
  ],
  [
    'a command that does not exist',
    (main) => ({ command: 'npx', args: [main] }),
    /program npx does not exist/,
  ],
  [
    'a missing program',
    (main) => ({ command: 'node', args: [`${main}/../../gone/ankiwright/main.js`] }),
    /gone\/ankiwright\/main\.js does not exist/,
  ],
  [
    'an unknown option',
    (main) => ({ command: 'node', args: [main, '--colection', secret] }),
    /Unknown option '--colection'/,
  ],
  [
    'an unexpected argument',
    (main) => ({ command: 'node', args: [main, secret] }),
    /it has an unexpected argument/,
  ],
  [
    'a missing key file',
    (main) => ({ command: 'node', args: [main, '--api-key-file', '/gone/key'] }),
    /--api-key-file \/gone\/key cannot be read/,
  ],
  [
    'a missing media folder',
    (main) => ({ command: 'node', args: [main, '--media-dir', '/gone'] }),
    /--media-dir \/gone is not a folder/,
  ],
  [
    'a collection in a missing folder',
    (main) => ({ command: 'node', args: [main, '--collection', '/gone/c.anki2'] }),
    /the folder of the collection, \/gone, does not exist/,
  ],
  [
    'a relative path of the collection',
    (main) => ({ command: 'node', args: [main, '--collection', 'c.anki2'] }),
    /c\.anki2 is not an absolute path/,
  ],
])('an entry with %s is reported', async (_name, entry, message) => {
  const { on, main, home, write } = computer();
  write('cursor', mcpServers({ anki: entry(main, home) }));
  const [finding, ...others] = await clientsOf(on);
  expect(others).toEqual([]);
  expect(finding?.state).toBe('failure');
  expect(finding?.says).toMatch(/^cursor: /);
  expect(finding?.says).toMatch(message);
  expect(finding?.next).toMatch(/^`ankiwright install cursor( --[a-z-]+( [A-Z]+)?)?` /);
});

test.each<[string, { command: string; args: string[] }]>([
  ['npx', { command: 'npx', args: ['-y', 'ankiwright@0.1.0', '--collection', '/tmp/c.anki2'] }],
  ['its own command', { command: 'ankiwright', args: ['--read-only'] }],
  [
    'a container',
    { command: 'docker', args: ['run', '-i', 'ankiwright:latest', '--collection', '/data/c.anki2'] },
  ],
])('an entry that starts it with %s is correct', async (_name, entry) => {
  const { home, on, write } = computer();
  for (const name of ['npx', 'ankiwright', 'docker']) {
    writeFileSync(join(home, 'bin', name), '');
    chmodSync(join(home, 'bin', name), 0o755);
  }
  write('gemini', mcpServers({ cards: entry }));
  expect((await clientsOf(on)).map(({ state }) => state)).toEqual(['ok']);
});

test('another server for Anki in the same client causes a warning, a second ankiwright does not', async () => {
  const { on, main, write } = computer();
  const own = { command: 'node', args: [main] };
  write('cursor', mcpServers({ anki: own, spanish: { ...own, args: [main, '--read-only'] } }));
  write('gemini', mcpServers({ cards: { command: 'npx', args: ['-y', '@ankimcp/anki-mcp-server'] }, own }));
  const findings = await clientsOf(on);
  expect(findings.map(({ state }) => state)).toEqual(['ok', 'ok', 'warning']);
  expect(findings[1]?.says).toMatch(/^cursor \("spanish"\) starts node /);
  expect(findings[2]?.says).toBe('gemini has another server for Anki, "cards".');
});

test('a program that is not executable is reported', async () => {
  const { on, main, node, write } = computer();
  write('cursor', mcpServers({ anki: { command: node, args: [main] } }));
  rmSync(node);
  mkdirSync(dirname(node), { recursive: true });
  writeFileSync(node, '', { mode: 0o644 });
  expect((await clientsOf(on))[0]?.says).toMatch(/bin\/node does not exist/);
});
