import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfiguration, replaceConfiguration } from '../../../src/cli/install/configuration.ts';
import { Computer, launch, type Name } from './computer.ts';
import { claudeCode, codex } from './configurations.ts';

const secret = 'sk-of-another-server';

test.each<[string, Name, string, RegExp]>([
  [
    'a truncated file',
    'claude-code',
    `{\n  "a": "${secret}",\n  "mcpServers": {\n`,
    /line 4 is not JSON: close brace expected/,
  ],
  ['a trailing comma', 'claude-desktop', '{\n  "a": 1,\n}', /line 3 is not JSON: property name expected/],
  ['a comment in strict JSON', 'claude-desktop', '{\n  // c\n}', /line 2 is not JSON: invalid comment token/],
  ['a trailing comma', 'gemini', '{ // c\n  "a": 1,\n}', /line 3 is not JSON/],
  ['a missing comma', 'vscode', `{\n  "a": "${secret}"\n  "b": 1 }`, /line 3 is not JSON: comma expected/],
  ['plain text', 'cursor', 'hello', /line 1 is not JSON/],
  ['a list', 'cursor', '[]', /does not contain named settings/],
  ['null', 'claude-code', 'null', /does not contain named settings/],
  ['a list of servers', 'vscode', '{"servers": []}', /"servers" is not a map of servers/],
  ['null as servers', 'claude-code', '{"mcpServers": null}', /"mcpServers" is not a map of servers/],
  ['invalid TOML', 'codex', `a = "${secret}"\nb = = ${secret}\n`, /line 2 is not TOML/],
  ['TOML with a duplicate key', 'codex', `a = "${secret}"\na = "${secret}"\n`, /is not TOML/],
  ['a number as servers', 'codex', 'mcp_servers = 1\n', /"mcp_servers" is not a map of servers/],
])('a configuration with a problem is not changed: %s (%s)', async (_name, client, text, message) => {
  const computer = new Computer();
  computer.write(client, text);
  for (const attempt of [computer.install(client), computer.uninstall(client)]) {
    const error: unknown = await attempt.catch((problem: unknown) => problem);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(computer.path(client));
    expect(String(error)).toMatch(/Correct the file and try again\. Nothing was changed/);
    expect(String(error)).not.toContain(secret);
  }
  expect(computer.read(client)).toBe(text);
  expect(computer.names().filter((name) => /backup|tmp/.test(name))).toEqual([]);
});

test('a file that cannot be changed safely is not changed', async () => {
  const computer = new Computer();
  const text = 'mcp_servers = { a = { command = "b" } }\n';
  computer.write('codex', text);
  await expect(computer.install('codex')).rejects.toThrow(/cannot be changed safely.*install --print/);
  expect(computer.read('codex')).toBe(text);
});

test('a file that is not UTF-8 is not changed', async () => {
  const computer = new Computer();
  computer.write('cursor', Buffer.from('\uFEFF{}', 'utf16le'));
  await expect(computer.install('cursor')).rejects.toThrow(/mcp\.json is not UTF-8 text\. Save it as UTF-8/);
  computer.write('cursor', Buffer.from([0x7b, 0xff, 0x7d]));
  await expect(computer.install('cursor')).rejects.toThrow(/is not UTF-8 text/);
});

test('every change saves a backup under a new number, and only the latest three stay', async () => {
  const computer = new Computer();
  computer.write('codex', codex);
  const backup = (number: number) => `${computer.path('codex')}.backup-${number}`;
  for (const number of [2, 4]) writeFileSync(backup(number), 'older');
  writeFileSync(`${computer.path('codex')}.backup-old`, 'mine');
  mkdirSync(backup(1));
  await computer.install('codex');
  const between = computer.read('codex');
  await computer.uninstall('codex');
  expect(readFileSync(backup(5), 'utf8')).toBe(codex);
  expect(readFileSync(backup(6), 'utf8')).toBe(between);
  expect(computer.names().filter((name) => name.includes('.backup-'))).toEqual([
    '.codex/config.toml.backup-1',
    '.codex/config.toml.backup-4',
    '.codex/config.toml.backup-5',
    '.codex/config.toml.backup-6',
    '.codex/config.toml.backup-old',
  ]);
  expect(computer.logged.filter((line) => line.includes('.backup-'))).toEqual(
    [5, 6].map((number) => `Backup of the previous file: ${backup(number)}`),
  );
});

test.each([0o600, 0o640, 0o644, 0o664])('the file and its backup keep the mode %o', async (mode) => {
  const computer = new Computer();
  computer.write('claude-code', claudeCode, mode);
  await computer.install('claude-code');
  expect(statSync(computer.path('claude-code')).mode & 0o7777).toBe(mode);
  expect(statSync(`${computer.path('claude-code')}.backup-1`).mode & 0o7777).toBe(mode);
  expect(computer.names().filter((name) => name.includes('tmp'))).toEqual([]);
});

test('a key in a file that others can read causes a warning', async () => {
  const withKey = { launch: { ...launch, env: { ANKI_CONNECT_API_KEY: 'k3y' } } };
  for (const [mode, isWarned] of [
    [0o644, true],
    [0o600, false],
  ] as const) {
    const computer = new Computer();
    computer.write('cursor', '{}', mode);
    await computer.install('cursor', withKey);
    expect(computer.logged.some((line) => /can read that file.*chmod 600/.test(line))).toBe(isWarned);
  }
  const computer = new Computer();
  computer.write('cursor', '{}', 0o644);
  await computer.install('cursor');
  expect(computer.logged.join()).not.toContain('chmod');
});

test('a link stays a link, and its target is changed', async () => {
  const computer = new Computer();
  const dotfiles = join(computer.home, 'dotfiles');
  mkdirSync(dotfiles);
  writeFileSync(join(dotfiles, 'claude.json'), claudeCode);
  symlinkSync(join('dotfiles', 'claude.json'), computer.path('claude-code'));
  await computer.install('claude-code');
  expect(lstatSync(computer.path('claude-code')).isSymbolicLink()).toBe(true);
  expect(lstatSync(join(dotfiles, 'claude.json')).isFile()).toBe(true);
  expect(readFileSync(join(dotfiles, 'claude.json'), 'utf8')).toContain('/opt/ankiwright/dist/main.js');
  expect(computer.names()).toEqual(['.claude.json.backup-1', 'dotfiles', 'dotfiles/claude.json']);
});

test('a broken link, and a folder in place of the file, are reported', async () => {
  const computer = new Computer();
  symlinkSync('nowhere.json', computer.path('claude-code'));
  await expect(computer.install('claude-code')).rejects.toThrow(/claude\.json cannot be read \(ENOENT\)/);
  mkdirSync(computer.path('cursor'), { recursive: true });
  await expect(computer.install('cursor')).rejects.toThrow(/mcp\.json cannot be read \(EISDIR\).*--print/);
  writeFileSync(join(computer.home, '.gemini'), '');
  await expect(computer.install('gemini')).rejects.toThrow(/cannot be \w+ \((ENOTDIR|EEXIST)\)/);
});

test('a read-only file or folder is not changed, even by an administrator', async () => {
  const computer = new Computer();
  computer.write('codex', codex, 0o444);
  await expect(computer.install('codex')).rejects.toThrow(/config\.toml is read-only.*Nothing was changed/);
  expect(computer.read('codex')).toBe(codex);

  computer.write('cursor', '{}');
  chmodSync(join(computer.home, '.cursor'), 0o555);
  await expect(computer.install('cursor')).rejects.toThrow(/\.cursor is read-only/);
  chmodSync(computer.home, 0o555);
  await expect(computer.install('claude-code')).rejects.toThrow(/is read-only/);
  await computer.install('claude-code', { dryRun: true });
  chmodSync(computer.home, 0o755);
  expect(computer.names()).toEqual(['.codex', '.codex/config.toml', '.cursor', '.cursor/mcp.json']);
});

test('what a client writes at the same time is not lost', async () => {
  const computer = new Computer();
  computer.write('claude-code', claudeCode);
  const installing = computer.install('claude-code'); // has read the file by now
  computer.write('claude-code', claudeCode.replace('412', '413'));
  await installing;
  const { numStartups, mcpServers } = JSON.parse(computer.read('claude-code'));
  expect(numStartups).toBe(413);
  expect(Object.keys(mcpServers)).toEqual(['github', 'playwright', 'anki']);
  expect(readFileSync(`${computer.path('claude-code')}.backup-1`, 'utf8')).toContain('413');

  const configuration = readConfiguration(computer.path('cursor'));
  computer.write('cursor', '{"mcpServers": {"new": {}}}');
  expect(replaceConfiguration(configuration, '{}')).toBeUndefined();
  expect(computer.read('cursor')).toContain('new');
});

test('a large configuration is changed in one place only', async () => {
  const computer = new Computer();
  const project = {
    history: Array.from({ length: 100 }, (_, index) => ({ display: `{"mcpServers" ${index} //` })),
  };
  const projects = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`/p/${index}`, project]));
  const text = JSON.stringify({ projects, mcpServers: {}, last: true }, null, 2);
  expect(text.length).toBeGreaterThan(3_000_000);
  computer.write('claude-code', text);
  await computer.install('claude-code');
  const entry = JSON.stringify(
    { anki: { type: 'stdio', command: launch.command, args: launch.args } },
    null,
    2,
  );
  const [before = '', after = ''] = text.split('"mcpServers": {}');
  expect(computer.read('claude-code')).toBe(
    `${before}"mcpServers": ${entry.replaceAll('\n', '\n  ')}${after}`,
  );
});
