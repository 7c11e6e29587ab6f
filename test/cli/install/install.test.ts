import { statSync } from 'node:fs';
import { parse as parseToml } from '@decimalturn/toml-patch';
import { parse as parseJsonc } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { Computer, key, launch, type Name } from './computer.ts';
import * as texts from './configurations.ts';

const names: readonly Name[] = [
  'claude-desktop',
  'claude-code',
  'cursor',
  'windsurf',
  'vscode',
  'codex',
  'gemini',
  'zed',
  'cline',
  'lm-studio',
];
const maps: Partial<Record<Name, string>> = {
  vscode: 'servers',
  codex: 'mcp_servers',
  zed: 'context_servers',
};
const mapOf = (client: Name): string => maps[client] ?? 'mcpServers';
const typed: readonly Name[] = ['claude-code', 'cursor', 'vscode'];

type Settings = Record<string, Record<string, unknown>>;
const parse = (client: Name, text: string): Settings => {
  if (client === 'codex') return structuredClone(parseToml(text));
  return ['claude-desktop', 'claude-code', 'windsurf', 'cline', 'lm-studio'].includes(client)
    ? JSON.parse(text)
    : parseJsonc(text.replace(/^\uFEFF/, ''));
};

const entryOf = (client: Name, { env, ...rest }: object & { env: object }) => ({
  ...(typed.includes(client) ? { type: 'stdio' } : {}),
  ...rest,
  ...(Object.keys(env).length > 0 ? { env } : {}),
});

/** Returns the lines of a text without commas at their ends, because an edit may add one. */
const lines = (text: string): string[] =>
  text.split('\n').map((line) => line.replace(/,(?=\s*(?:\/[/*][^\n]*)?$)/, ''));

/** Returns true if another text contains all lines of this one in the same order. */
function isWithin(before: string, after: string): boolean {
  const rest = lines(after);
  return lines(before).every((line) => {
    const at = rest.indexOf(line);
    rest.splice(0, at + 1);
    return at >= 0;
  });
}

const shapes: readonly (readonly [string, Name, string])[] = [
  ['as written by the client', 'claude-code', texts.claudeCode],
  ['with other servers', 'claude-desktop', texts.claudeDesktop],
  ['with comments and tabs', 'cursor', texts.cursor],
  ['with inputs and comments', 'vscode', texts.vscode],
  ['with profiles and comments', 'codex', texts.codex],
  ['with many settings', 'gemini', texts.gemini],
];
const crlf = shapes.map(
  ([what, name, text]) => [`${what}, CRLF`, name, text.replaceAll('\n', '\r\n')] as const,
);
const withMark = shapes.map(
  ([what, name, text]) => [`${what}, with a byte order mark`, name, `\uFEFF${text}`] as const,
);
const withoutLineEnd = shapes.map(
  ([what, name, text]) => [`${what}, without a last line break`, name, text.trimEnd()] as const,
);

describe.each([...shapes, ...crlf, ...withoutLineEnd])(
  'the configuration of a client, %s: %s',
  (_what, client, text) => {
    test('install adds the entry, uninstall removes it, and nothing else changes', async () => {
      const computer = new Computer();
      computer.write(client, text);
      await computer.install(client);
      const after = computer.read(client);
      const { [mapOf(client)]: servers, ...rest } = parse(client, text);
      expect(parse(client, after)).toEqual({
        ...rest,
        [mapOf(client)]: { ...servers, anki: entryOf(client, launch) },
      });
      expect(isWithin(text, after)).toBe(true);

      await computer.uninstall(client);
      expect(computer.read(client)).toBe(text);
    });

    test('a second install writes only if something is new', async () => {
      const computer = new Computer();
      computer.write(client, text);
      await computer.install(client);
      const first = computer.read(client);
      await computer.install(client);
      expect(computer.read(client)).toBe(first);
      expect(computer.logged.at(-1)).toMatch(/"anki" in .* is already up to date\. Nothing was changed\.$/);

      const other = {
        command: 'npx',
        args: ['-y', 'ankiwright@9.9.9', '--tools', 'sync'],
        env: { ANKI_CONNECT_API_KEY: key },
      };
      await computer.install(client, { launch: other, fresh: true });
      const servers = parse(client, computer.read(client))[mapOf(client)];
      expect(servers?.['anki']).toEqual(entryOf(client, other));
      expect(isWithin(text, computer.read(client))).toBe(true);
      await computer.uninstall(client);
      expect(computer.read(client)).toBe(text);
      const backups = computer.names().filter((name) => name.includes('.backup-'));
      expect(backups).toHaveLength(3);
      expect(computer.logged.join('\n')).not.toContain(key);
    });
  },
);

test.each(withMark)('a byte order mark is kept, %s: %s', async (_what, client, text) => {
  const computer = new Computer();
  computer.write(client, text);
  await computer.install(client);
  expect(computer.read(client)).toMatch(/^\uFEFF[^\uFEFF]*$/);
  expect(parse(client, computer.read(client).slice(1))[mapOf(client)]).toHaveProperty('anki');
  await computer.uninstall(client);
  expect(computer.read(client)).toBe(text);
});

describe.each(names)('%s', (client) => {
  test('a missing file is created, readable by the user only', async () => {
    const computer = new Computer();
    await computer.install(client);
    expect(parse(client, computer.read(client))).toEqual({
      [mapOf(client)]: { anki: entryOf(client, launch) },
    });
    expect(computer.read(client)).toMatch(/[^\n]\n$/);
    expect(statSync(computer.path(client)).mode & 0o777).toBe(0o600);
    expect(computer.logged.join('\n')).toMatch(
      /does not seem to be installed: \S+ does not exist\.\n.*added "anki"/s,
    );
    expect(computer.logged.join('\n')).not.toContain('Backup of the previous file');
  });

  test('empty files and files without settings are accepted', async () => {
    for (const text of client === 'codex' ? ['', '\n', '# mine\n'] : ['', '{}', '{}\n', '  {\n}\n']) {
      const computer = new Computer();
      computer.write(client, text);
      await computer.install(client);
      expect(parse(client, computer.read(client))).toEqual({
        [mapOf(client)]: { anki: entryOf(client, launch) },
      });
      expect(computer.logged.join('\n')).not.toContain('does not seem');
      await computer.uninstall(client);
      const left = client === 'codex' ? {} : { [mapOf(client)]: {} };
      expect(parse(client, computer.read(client))).toEqual(left);
    }
  });

  test('a dry run shows everything but the key, and writes nothing', async () => {
    const computer = new Computer();
    const launchWithKey = { ...launch, env: { ANKI_CONNECT_API_KEY: key } };
    await computer.install(client, { dryRun: true, launch: launchWithKey });
    expect(computer.names()).toEqual([]);
    const output = computer.logged.join('\n');
    expect(output).toMatch(/.*: would add "anki":\n.*\+ .*main\.js.*\nNothing was changed\.$/s);
    expect(output).toMatch(/ANKI_CONNECT_API_KEY"?(:| =) "\*\*\*"/);
    expect(output).not.toContain(key);

    await computer.install(client, { launch: launchWithKey });
    const text = computer.read(client);
    expect(text).toContain(key);
    await computer.install(client, { dryRun: true, fresh: true });
    await computer.uninstall(client, { dryRun: true });
    expect(computer.read(client)).toBe(text);
    expect(computer.logged.join('\n')).toMatch(/would update .*\n- .*\+ .*would remove .*\n- /s);
    expect(computer.logged.join('\n')).not.toContain(key);
  });

  test('--print returns an entry for pasting and changes nothing', async () => {
    const computer = new Computer();
    const printed = await computer.print(client, { ...launch, env: { K: key } });
    const entry = entryOf(client, { ...launch, env: { K: '***' } });
    expect(parse(client, printed ?? '')).toEqual({ [mapOf(client)]: { anki: entry } });
    expect(computer.logged).toEqual([`Add this to ${computer.path(client)}. Replace *** by the key.`]);
    expect(computer.names()).toEqual([]);
  });

  test('another server of the same name is not changed', async () => {
    const foreign = { command: 'npx', args: ['-y', '@someone/anki-mcp-server'] };
    const text =
      client === 'codex'
        ? '[mcp_servers.anki]\ncommand = "npx"\nargs = ["-y", "@someone/anki-mcp-server"]\n'
        : JSON.stringify({ [mapOf(client)]: { anki: foreign } }, null, 2);
    const computer = new Computer();
    computer.write(client, text);
    await expect(computer.install(client)).rejects.toThrow(/another server than ankiwright.*--name NAME/);
    await expect(computer.uninstall(client)).rejects.toThrow(/another server than ankiwright/);
    expect(computer.read(client)).toBe(text);
    expect(computer.names().filter((name) => name.includes('backup'))).toEqual([]);

    await computer.install(client, { name: 'anki-2' });
    expect(parse(client, computer.read(client))[mapOf(client)]).toEqual({
      anki: foreign,
      'anki-2': entryOf(client, launch),
    });
    await computer.uninstall(client, { name: 'anki-2' });
    expect(computer.read(client)).toBe(text);
  });

  test('uninstall without an entry changes nothing', async () => {
    const computer = new Computer();
    await computer.uninstall(client);
    expect(computer.logged.join()).toMatch(/has no server "anki"\. Nothing was changed/);
    expect(computer.names()).toEqual([]);
  });
});

test('settings that a user added to our entry are kept, and with --fresh an old key is removed', async () => {
  const computer = new Computer();
  const ours = {
    command: 'ankiwright',
    trust: true,
    timeout: 9,
    env: { ANKI_BASE: '/a', ANKI_CONNECT_API_KEY: key },
  };
  computer.write('gemini', JSON.stringify({ mcpServers: { anki: ours } }, null, '\t'));
  await computer.install('gemini');
  const kept = { ...launch, trust: true, timeout: 9, env: ours.env };
  expect(JSON.parse(computer.read('gemini')).mcpServers.anki).toEqual(kept);
  await computer.install('gemini', { fresh: true });
  expect(JSON.parse(computer.read('gemini')).mcpServers.anki).toEqual({ ...kept, env: {} });

  computer.write(
    'codex',
    '[mcp_servers.anki]\ncommand = "ankiwright"\nstartup_timeout_sec = 30\n[mcp_servers.anki.tools.sync]\napproval_mode = "prompt"\n',
  );
  await computer.install('codex');
  expect(structuredClone(parseToml(computer.read('codex')))).toEqual({
    mcp_servers: {
      anki: {
        command: launch.command,
        args: launch.args,
        startup_timeout_sec: 30,
        tools: { sync: { approval_mode: 'prompt' } },
      },
    },
  });
});

type Options = readonly string[];

test.each<[string, Options, Options, Options]>([
  [
    'options that are not typed are kept',
    ['--read-only', '--profile', 'A'],
    ['--tools', 'sync'],
    ['--profile', 'A', '--tools', 'sync', '--read-only'],
  ],
  [
    'a typed option replaces the kept one',
    ['--profile', 'A', '--tools', 'sync'],
    ['--profile', 'B'],
    ['--profile', 'B', '--tools', 'sync'],
  ],
  [
    'a typed profile replaces a collection',
    ['--collection', '/c.anki2', '--idle', '5'],
    ['--profile', 'B'],
    ['--profile', 'B', '--idle', '5'],
  ],
  [
    'a typed address replaces a collection, and its options go too',
    ['--collection', '/c.anki2', '--idle', '5'],
    ['--url', 'http://a:1'],
    ['--url', 'http://a:1'],
  ],
  [
    'a typed collection removes the options of the desktop',
    ['--url', 'http://a:1', '--read-only'],
    ['--collection', '/c.anki2'],
    ['--collection', '/c.anki2', '--read-only'],
  ],
])('in a second installation, %s', async (_name, first, second, expected) => {
  const computer = new Computer();
  const main = '/opt/ankiwright/dist/main.js';
  await computer.install('codex', { launch: { ...launch, args: [main, ...first] } });
  await computer.install('codex', { launch: { ...launch, args: [main, ...second] } });
  const { mcp_servers: servers } = parse('codex', computer.read('codex'));
  expect(servers?.['anki']).toEqual({ command: launch.command, args: [main, ...expected] });
  expect(computer.logged.join('\n')).toMatch(/updated "anki"\.\n- .*\n\+ /s);
});

test('the options of an entry written by npx, with variables or with a key as an argument are kept', async () => {
  const computer = new Computer();
  const args = ['/c', 'npx', '-y', 'ankiwright@0.1.0', '--read-only', '--api-key', key];
  const env = { ANKIWRIGHT_CONFIRM: 'always' };
  computer.write('cursor', JSON.stringify({ mcpServers: { anki: { command: 'cmd', args, env } } }));
  await computer.install('cursor', { launch: { ...launch, args: [launch.args[0] ?? ''] } });
  expect(JSON.parse(computer.read('cursor')).mcpServers.anki).toEqual({
    type: 'stdio',
    command: launch.command,
    args: [launch.args[0], '--toolsets', 'core', '--read-only'],
    env: { ...env, ANKI_CONNECT_API_KEY: key },
  });
  expect(computer.logged.join('\n')).not.toContain(key);
});

test('an entry with unreadable options is only replaced with --fresh', async () => {
  const computer = new Computer();
  const text = JSON.stringify({ mcpServers: { anki: { command: 'ankiwright', args: ['--raed-only'] } } });
  computer.write('gemini', text);
  await expect(computer.install('gemini')).rejects.toThrow(/cannot be kept: .*--read-only.*--fresh/);
  expect(computer.read('gemini')).toBe(text);
  await computer.install('gemini', { fresh: true });
  expect(JSON.parse(computer.read('gemini')).mcpServers.anki).toEqual(entryOf('gemini', launch));
});

test.each([
  ['a path', { command: 'node', args: ['/opt/ankiwright/dist/main.js'] }],
  ['a path on Windows', { command: 'node.exe', args: ['C:\\npm\\node_modules\\ankiwright\\dist\\main.js'] }],
  ['a command', { command: 'ankiwright' }],
  ['a command on Windows', { command: 'C:\\npm\\ankiwright.cmd', args: [] }],
  ['npx', { command: 'npx', args: ['-y', 'ankiwright@0.1.0'] }],
  ['cmd and npx', { command: 'cmd', args: ['/c', 'npx', '-y', 'ankiwright'] }],
  ['a container', { command: 'docker', args: ['run', '-i', '--rm', 'ghcr.io/someone/ankiwright:1'] }],
  ['this checkout, in a folder of any name', { command: 'node', args: [`${process.cwd()}/dist/main.js`] }],
])('an entry is recognized as ours by %s', async (_name, entry) => {
  const computer = new Computer();
  computer.write('cursor', JSON.stringify({ mcpServers: { anki: entry } }));
  await computer.uninstall('cursor');
  expect(computer.read('cursor')).toBe('{"mcpServers":{}}');
});

test.each([
  ['a remote server', { url: 'https://ankiwright.example/mcp' }],
  ['a longer name', { command: 'npx', args: ['ankiwright-fork'] }],
  ['another program of that name', { command: 'node', args: ['/opt/other/dist/main.js'] }],
  ['a string', 'ankiwright'],
  ['an invalid command', { command: 7, args: ['ankiwright'] }],
])('an entry is not ours: %s', async (_name, entry) => {
  const computer = new Computer();
  computer.write('cursor', JSON.stringify({ mcpServers: { anki: entry } }));
  await expect(computer.uninstall('cursor')).rejects.toThrow(/another server/);
});

test('an unknown client is refused with the most similar name', async () => {
  const computer = new Computer();
  const all = 'claude-desktop, claude-code, cursor, windsurf, vscode, codex, gemini, zed, cline, lm-studio';
  await expect(computer.install('courser')).rejects.toThrow(
    `unknown client "courser". The clients are ${all}. Did you mean cursor?`,
  );
  await expect(computer.install('claude')).rejects.toThrow('Did you mean claude-desktop or claude-code?');
  await expect(computer.uninstall('')).rejects.toThrow(`the client is missing. The clients are ${all}.`);
  await expect(computer.install('emacs')).rejects.toMatchObject({ name: 'UsageError' });
});

test.each(['', '__proto__', 'a.b', 'a b', '-x', 'x'.repeat(33), '../x', 'a"b', 'ä'])(
  'the name "%s" is refused',
  async (name) => {
    const computer = new Computer();
    await expect(computer.install('codex', { name })).rejects.toMatchObject({ name: 'UsageError' });
    expect(computer.names()).toEqual([]);
  },
);

test('names of JavaScript’s own properties are accepted', async () => {
  const computer = new Computer();
  computer.write('gemini', '{"mcpServers": {}}');
  await computer.install('gemini', { name: 'constructor' });
  expect(computer.read('gemini')).toContain('"constructor": {"command"');
  await computer.uninstall('gemini', { name: 'constructor' });
  await computer.uninstall('gemini', { name: 'toString' });
  expect(computer.logged.at(-1)).toMatch(/has no server "toString"/);
});
