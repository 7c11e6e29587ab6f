import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read, replace } from '../../../src/cli/install/configuration.ts';
import { Computer, launch, type Name } from './computer.ts';
import { claudeCode, codex } from './configurations.ts';

const secret = 'sk-of-another';

test.each<[string, Name, string, RegExp]>([
  [
    'half a file',
    'claude-code',
    `{\n  "a": "${secret}",\n  "mcpServers": {\n`,
    /line 4 is not JSON: close brace expected/,
  ],
  ['a comma too many', 'claude-desktop', '{\n  "a": 1,\n}', /line 3 is not JSON: property name expected/],
  [
    'a comment where none may be',
    'claude-desktop',
    '{\n  // c\n}',
    /line 2 is not JSON: invalid comment token/,
  ],
  ['a comma too many', 'gemini', '{ // c\n  "a": 1,\n}', /line 3 is not JSON/],
  ['a comma too few', 'vscode', `{\n  "a": "${secret}"\n  "b": 1 }`, /line 3 is not JSON: comma expected/],
  ['words', 'cursor', 'hello', /line 1 is not JSON/],
  ['a list', 'cursor', '[]', /something else than named settings/],
  ['null', 'claude-code', 'null', /something else than named settings/],
  ['a list of servers', 'vscode', '{"servers": []}', /"servers" is no map of servers/],
  ['no servers', 'claude-code', '{"mcpServers": null}', /"mcpServers" is no map of servers/],
  ['TOML that is none', 'codex', `a = "${secret}"\nb = = ${secret}\n`, /line 2 is not TOML/],
  ['TOML that says a thing twice', 'codex', `a = "${secret}"\na = "${secret}"\n`, /is not TOML/],
  ['a server that is none', 'codex', 'mcp_servers = 1\n', /"mcp_servers" is no map of servers/],
])('%s is left alone: %s', async (_name, client, text, says) => {
  const computer = new Computer();
  computer.write(client, text);
  for (const attempt of [computer.install(client), computer.uninstall(client)]) {
    const error: unknown = await attempt.catch((problem: unknown) => problem);
    expect(String(error)).toMatch(says);
    expect(String(error)).toContain(computer.path(client));
    expect(String(error)).toMatch(/Correct it there, and try again\. Nothing was changed/);
    expect(String(error)).not.toContain(secret);
  }
  expect(computer.read(client)).toBe(text);
  expect(computer.names().filter((name) => /backup|tmp/.test(name))).toEqual([]);
});

test('what cannot be changed safely is left alone', async () => {
  const computer = new Computer();
  const text = 'mcp_servers = { a = { command = "b" } }\n';
  computer.write('codex', text);
  await expect(computer.install('codex')).rejects.toThrow(/cannot be changed safely.*install --print/);
  expect(computer.read('codex')).toBe(text);
});

test('a file that is no UTF-8 is left alone', async () => {
  const computer = new Computer();
  computer.write('cursor', Buffer.from('\uFEFF{}', 'utf16le'));
  await expect(computer.install('cursor')).rejects.toThrow(/mcp\.json is not UTF-8 text: save it as that/);
  computer.write('cursor', Buffer.from([0x7b, 0xff, 0x7d]));
  await expect(computer.install('cursor')).rejects.toThrow(/is not UTF-8 text/);
});

test('every change keeps what was there, under a name of its own', async () => {
  const computer = new Computer();
  computer.write('codex', codex);
  writeFileSync(`${computer.path('codex')}.backup-2`, 'older');
  await computer.install('codex');
  const between = computer.read('codex');
  await computer.uninstall('codex');
  expect(readFileSync(`${computer.path('codex')}.backup-1`, 'utf8')).toBe(codex);
  expect(readFileSync(`${computer.path('codex')}.backup-2`, 'utf8')).toBe('older');
  expect(readFileSync(`${computer.path('codex')}.backup-3`, 'utf8')).toBe(between);
  expect(computer.said.filter((line) => line.includes('.backup-'))).toEqual([
    `The file as it was: ${computer.path('codex')}.backup-1`,
    `The file as it was: ${computer.path('codex')}.backup-3`,
  ]);
});

test.each([0o600, 0o640, 0o644, 0o664])('the mode %o stays, also for what is kept', async (mode) => {
  const computer = new Computer();
  computer.write('claude-code', claudeCode, mode);
  await computer.install('claude-code');
  expect(statSync(computer.path('claude-code')).mode & 0o7777).toBe(mode);
  expect(statSync(`${computer.path('claude-code')}.backup-1`).mode & 0o7777).toBe(mode);
  expect(computer.names().filter((name) => name.includes('tmp'))).toEqual([]);
});

test('a key in a file that others can read is told', async () => {
  const withKey = { launch: { ...launch, env: { ANKI_CONNECT_API_KEY: 'k3y' } } };
  for (const [mode, told] of [
    [0o644, true],
    [0o600, false],
  ] as const) {
    const computer = new Computer();
    computer.write('cursor', '{}', mode);
    await computer.install('cursor', withKey);
    expect(computer.said.some((line) => /can read that file.*chmod 600/.test(line))).toBe(told);
  }
  const computer = new Computer();
  computer.write('cursor', '{}', 0o644);
  await computer.install('cursor');
  expect(computer.said.join()).not.toContain('chmod');
});

test('a link stays a link, and what it leads to is changed', async () => {
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

test('a link to nothing, and a folder in the place of the file, are told', async () => {
  const computer = new Computer();
  symlinkSync('nowhere.json', computer.path('claude-code'));
  await expect(computer.install('claude-code')).rejects.toThrow(/claude\.json cannot be read \(ENOENT\)/);
  mkdirSync(computer.path('cursor'), { recursive: true });
  await expect(computer.install('cursor')).rejects.toThrow(/mcp\.json cannot be read \(EISDIR\).*--print/);
  writeFileSync(join(computer.home, '.gemini'), '');
  await expect(computer.install('gemini')).rejects.toThrow(/cannot be \w+ \((ENOTDIR|EEXIST)\)/);
});

test('what is read-only stays as it is, also for an administrator', async () => {
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

test('what a client writes in the meantime is not lost', async () => {
  const computer = new Computer();
  computer.write('claude-code', claudeCode);
  const installing = computer.install('claude-code'); // has read the file by now
  computer.write('claude-code', claudeCode.replace('412', '413'));
  await installing;
  const { numStartups, mcpServers } = JSON.parse(computer.read('claude-code'));
  expect(numStartups).toBe(413);
  expect(Object.keys(mcpServers)).toEqual(['github', 'playwright', 'anki']);
  expect(readFileSync(`${computer.path('claude-code')}.backup-1`, 'utf8')).toContain('413');

  const found = read(computer.path('cursor'));
  computer.write('cursor', '{"mcpServers": {"new": {}}}');
  expect(replace(found, '{}')).toBeUndefined();
  expect(computer.read('cursor')).toContain('new');
});

test('a large configuration is changed at one place', async () => {
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
