import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, test } from 'vitest';
import { Computer, key } from './computer.ts';
import { claudeDesktop, codex } from './configurations.ts';

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

/** An address at which no Anki listens: install starts the server, which must not reach one on this computer. */
const address = ['--url', 'http://127.0.0.1:9'];

/** Runs the built program on a simulated computer. */
function run(computer: Computer, command: string, ...options: string[]) {
  const args = [command, ...options, ...(command === 'install' ? address : [])];
  const env = { HOME: computer.home, PATH: process.env['PATH'] };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: computer.home,
    env,
    encoding: 'utf8',
  });
  expect(stdout + stderr).not.toContain(key);
  return { status, stdout, stderr };
}

test('the written entry starts the server with the typed options', async () => {
  const computer = new Computer();
  computer.write('claude-desktop', claudeDesktop);
  for (const folder of ['base/Me', 'p']) mkdirSync(join(computer.home, folder), { recursive: true });
  writeFileSync(join(computer.home, 'base/Me/collection.anki2'), '');
  const options = [
    '--toolsets',
    'deck',
    '--profile',
    'Me',
    '--anki-base',
    'base',
    '--media-dir',
    '~/p',
    '--api-key',
    key,
  ];
  const { status, stdout, stderr } = run(computer, 'install', 'claude-desktop', ...options);
  expect(status).toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/added "anki"\.\n.*backup-1\n.*Quit Claude Desktop/s);
  const entry = JSON.parse(computer.read('claude-desktop')).mcpServers.anki;
  expect(entry).toEqual({
    command: process.execPath,
    args: [
      main,
      ...address,
      '--profile',
      'Me',
      '--anki-base',
      `${computer.home}/base`,
      '--toolsets',
      'deck',
      '--media-dir',
      `${computer.home}/p`,
    ],
    env: { ANKI_CONNECT_API_KEY: key },
  });

  const plain = run(computer, 'install', 'claude-desktop', '--fresh', '--toolsets', 'deck');
  expect(plain.stderr).toMatch(/updated "anki"/);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StdioClientTransport(JSON.parse(computer.read('claude-desktop')).mcpServers.anki));
  try {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('deckNames');
  } finally {
    await client.close();
  }
  expect(run(computer, 'uninstall', 'claude-desktop').status).toBe(0);
  expect(computer.read('claude-desktop')).toBe(claudeDesktop);
});

test('stdout contains only the printed entry', () => {
  const computer = new Computer();
  const { status, stdout, stderr } = run(
    computer,
    'install',
    'codex',
    '--print',
    '--name',
    'cards',
    '--api-key',
    key,
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^\[mcp_servers\.cards\]\ncommand = ".*"\nargs = \[".*"\]\n\n\[mcp_servers\.cards\.env\]\n/,
  );
  expect(stderr).toMatch(/Add this to .*config\.toml\. Replace \*\*\* by the key\./);
  expect(computer.names()).toEqual([]);
});

test('the exit code is 2 for wrong usage and 1 for a file that was not changed', () => {
  const computer = new Computer();
  const unknown = run(computer, 'install', 'clod-code');
  expect([unknown.status, unknown.stdout]).toEqual([2, '']);
  expect(unknown.stderr).toMatch(/Did you mean claude-code\?/);
  expect(run(computer, 'install').stderr).toMatch(/no client was found .* install CLIENT \(claude-desktop, /);
  computer.write('codex', `${codex}=`);
  const refused = run(computer, 'install', 'codex');
  expect([refused.status, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toContain(`line ${codex.split('\n').length} is not TOML`);
  expect(computer.read('codex')).toBe(`${codex}=`);
});

test.each(['cursor', 'windsurf', 'vscode'] as const)(
  'the entry of %s has --toolsets core, unless the user chose the tools, and install says so',
  async (name) => {
    const computer = new Computer();
    const first = run(computer, 'install', name, '--read-only');
    expect(first.stderr).toContain('has --toolsets core');
    expect(first.stderr).toContain('install again with --toolsets all');
    const map: { anki: { command: string; args: string[] } } = JSON.parse(computer.read(name))[
      name === 'vscode' ? 'servers' : 'mcpServers'
    ];
    expect(map.anki.args.slice(1)).toEqual([...address, '--toolsets', 'core', '--read-only']);
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StdioClientTransport(map.anki));
    const { tools } = await client.listTools();
    expect(tools.length).toBeLessThanOrEqual(40);
    await client.close();

    for (const chosen of [
      ['--toolsets', 'all'],
      ['--tools', 'sync'],
    ]) {
      const { stderr } = run(computer, 'install', name, ...chosen);
      expect(stderr).not.toContain('--toolsets core');
      expect(computer.read(name)).not.toContain('"core"');
    }
    const { stdout } = run(computer, 'install', name, '--print');
    expect(stdout).toContain('"core"');
  },
);

test('the entry of a client without a small limit offers all tools', () => {
  for (const name of ['claude-desktop', 'claude-code', 'codex', 'gemini'] as const) {
    const computer = new Computer();
    expect(run(computer, 'install', name).stderr).not.toContain('--toolsets');
    expect(computer.read(name)).not.toMatch(/--toolsets|core/);
  }
});

test('run by npx from a package file, install writes an entry that starts the same file', () => {
  const computer = new Computer();
  const env = { HOME: computer.home, PATH: process.env['PATH'] };
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const npm = (command: string, ...args: string[]) =>
    spawnSync(command, args, { cwd: root, env, encoding: 'utf8' });
  const { stdout } = npm('npm', 'pack', '--ignore-scripts', '--pack-destination', computer.home);
  const file = join(computer.home, stdout.trim());
  const { status, stderr } = npm(
    'npx',
    '-y',
    '--package',
    file,
    'ankiwright',
    'install',
    'gemini',
    ...address,
  );
  expect(status).toBe(0);
  const { anki } = JSON.parse(computer.read('gemini')).mcpServers;
  expect(anki).toEqual({ command: 'npx', args: ['-y', '--package', file, 'ankiwright', ...address] });
  expect(stderr).toContain('Gemini CLI: the server starts');
  expect(run(computer, 'install', 'gemini', '--read-only').stderr).toContain('updated "anki"');
  expect(JSON.parse(computer.read('gemini')).mcpServers.anki.args.slice(1)).toEqual([
    ...address,
    '--read-only',
  ]);
});
