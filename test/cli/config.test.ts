import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig, syncsUnasked, typedServerOptions, UnknownCommand } from '../../src/cli/config.ts';
import { help, optionsMarkdown } from '../../src/cli/help.ts';
import { clients } from '../../src/cli/install/clients.ts';
import { optionTable, type CommandName, type Option } from '../../src/cli/options.ts';
import { categories } from '../../src/contract/index.ts';
import { UsageError } from '../../src/contract/errors.ts';

test.each([
  [['--read-only'], ['--read-only']],
  [
    ['--collection', 'c.anki2'],
    ['--collection', resolve('c.anki2')],
  ],
  [
    ['--media-dir', '~/one', '--media-dir', '/two,three'],
    ['--media-dir', join(homedir(), 'one'), '--media-dir', resolve('/two,three')],
  ],
  [
    ['--toolsets', 'core,card', '--tools', 'sync'],
    ['--toolsets', 'core', '--toolsets', 'card', '--tools', 'sync'],
  ],
  [
    ['--profile', 'User 1', '--idle', '5'],
    ['--profile', 'User 1', '--idle', '5'],
  ],
  [
    ['--api-key', 'secret', '--api-key-file', 'key'],
    ['--api-key-file', resolve('key')],
  ],
  [['--name', 'cards', '--dry-run', '--print'], []],
  [['--url', '${ANKI_URL}'], []],
])('of the options %j, install passes the server options on', (typed, passed) => {
  const options = typedServerOptions(['install', 'cursor', ...typed]);
  const args = [...options.values()].flat();
  expect(new Set(args)).toEqual(new Set(passed));
  expect(typedServerOptions(args)).toEqual(options);
  expect(readConfig(args, {})).toMatchObject({ command: 'mcp' });
});

const typedFor: Readonly<Record<CommandName, readonly string[]>> = {
  mcp: [],
  http: ['--http'],
  serve: ['serve'],
  sync: ['sync'],
  grants: ['grants'],
  setup: ['setup'],
  install: ['install', 'cursor'],
  uninstall: ['uninstall', 'cursor'],
  doctor: ['doctor'],
};

/** Returns an option with a valid value, as a user types it. */
function typedOption([name, option]: readonly [string, Option]): string[] {
  if (option.value === undefined) return [`--${name}`];
  const values = ['x', '5', 'http://127.0.0.1:8765', 'auto', 'upload'];
  return [`--${name}`, values.find((one) => accepts(option, one)) ?? 'none'];
}

function accepts({ parse }: Option, text: string): boolean {
  try {
    parse?.(text);
    return true;
  } catch {
    return false;
  }
}

/** Returns the options without which an option has no effect. */
function neededBy({ needs }: Option, command: string): string[] {
  if (needs === 'publicUrl') return command === 'http' ? ['--public-url', 'https://anki.example'] : [];
  return needs === undefined || needs === 'desktop' || command === 'grants' ? [] : ['--profile', 'User 1'];
}

test.each(Object.entries(typedFor))('%s accepts its options and refuses all others', (command, args) => {
  for (const entry of optionTable) {
    const [name, option] = entry;
    if (command === 'mcp' && name === 'http') continue; // the option that makes it the command http
    if (name === 'help' || name === 'version') continue;
    const isTaken = command === 'setup' || command === 'uninstall';
    const read = () =>
      readConfig([...args, ...typedOption(entry), ...(isTaken ? [] : neededBy(option, command))], {});
    if ((option.for as readonly string[]).includes(command)) expect(read().command).toBe(command);
    else expect(read, name).toThrow(`--${name} has no effect on `);
  }
});

test('a refusal names every option that has no effect, and the commands that have it', () => {
  const read = () => readConfig(['setup', '--port', '80', '--read-only'], {});
  expect(read).toThrow(UsageError);
  expect(read).toThrow(
    '--read-only has no effect on setup: it is an option of MCP, install, doctor; --port has no effect on setup: it is an option of MCP over HTTP, serve',
  );
  expect(() => readConfig(['--port', '80'], {})).toThrow('--port has no effect on MCP over stdio');
  expect(() => readConfig(['install', 'cursor', '--http'], {})).toThrow('--http has no effect on install');
});

test('install refuses an option that is allowed once, and says how to use it', () => {
  const read = () => readConfig(['install', 'cursor', '--sync-full', 'download'], {});
  expect(read).toThrow(/--sync-full has no effect on install: it allows one full sync.*"ankiwright sync"/);
  for (const [, { once, env }] of optionTable) if (once) expect(env).toBeUndefined();
});

test('the environment of one command does not stop another from reading its options', () => {
  const values = optionTable.map((entry) => [entry[1].env, typedOption(entry)[1] ?? 'true']);
  const environment = Object.fromEntries(values.filter(([name]) => name !== undefined));
  for (const args of Object.values(typedFor)) {
    expect(() => readConfig(args, environment)).not.toThrow();
  }
  expect(readConfig([], environment).command).toBe('http');
});

test.each([[['setup', '--port', '80', '--help']], [['--json', '--version']]])(
  '%j is answered although an option has no effect',
  (args) => {
    expect(() => readConfig(args, {})).not.toThrow();
  },
);

test.each([['http'], ['install cursor vscode'], ['serve now'], ['x']])(
  'the command "%s" is unknown',
  (words) => {
    expect(() => readConfig(words.split(' '), {})).toThrow(UnknownCommand);
    expect(() => readConfig(words.split(' '), {})).toThrow(
      `unknown command "${words}". The commands are serve, sync, grants, setup, install, uninstall, doctor; without a command, ankiwright serves MCP`,
    );
  },
);

test.each([
  [['--idle', '5'], '--idle has no effect without --collection or --profile'],
  [['--http', '--sync-user', 'me'], '--sync-user has no effect without --collection or --profile'],
  [['install', 'cursor', '--python', 'python3'], '--python has no effect without --collection or --profile'],
  [['--collection', 'c', '--url', 'http://127.0.0.1:1'], '--url has no effect with --collection'],
  [['--collection', 'c', '--timeout', '5'], '--timeout has no effect with --collection'],
  [['--anki-base', 'b'], '--anki-base has no effect without --profile'],
])('%j is refused, because an option has no effect there', (args, message) => {
  expect(() => readConfig(args, {})).toThrow(message);
});

test('a server on the internet with an account syncs without being asked, others only with --sync auto', () => {
  const syncs = (...args: string[]) => syncsUnasked(readConfig(['--collection', 'c', ...args], {}));
  const account = ['--sync-user', 'me'];
  const onInternet = ['--http', '--public-url', 'https://anki.example'];
  expect(syncs(...account)).toBe(false);
  expect(syncs(...onInternet)).toBe(false);
  expect(syncs(...account, ...onInternet)).toBe(true);
  expect(syncs(...account, ...onInternet, '--sync', 'manual')).toBe(false);
  expect(syncs(...account, '--sync', 'auto')).toBe(true);
  expect(syncsUnasked(readConfig(['sync', '--collection', 'c'], { ANKIWRIGHT_SYNC: 'auto' }))).toBe(false);
  expect(() => syncs('--sync', 'auto')).toThrow('--sync auto needs an account');
});

test('an option in the environment may have no effect', () => {
  const environment = { ANKIWRIGHT_IDLE: '5', ANKI_CONNECT_URL: 'http://127.0.0.1:1', ANKI_COLLECTION: 'c' };
  expect(readConfig([], environment)).toMatchObject({ collection: 'c', idle: 5 });
  expect(readConfig(['--idle', '5'], environment)).toMatchObject({ idle: 5 });
});

test('~ is expanded in every path, on the command line and in the environment', () => {
  const paths = optionTable.filter(([, { value }]) => value === 'PATH' || value === 'FOLDER');
  expect(paths.length).toBeGreaterThan(8);
  for (const [
    name,
    {
      env = '',
      list,
      for: [command = 'mcp'],
    },
  ] of paths) {
    const expanded = join(homedir(), 'x');
    const wanted = list ? [expanded] : expanded;
    const config = readConfig([], { [env]: '~/x', ANKI_PROFILE: 'p' });
    expect(new Map<string, unknown>(Object.entries(config)).get(name), name).toEqual(wanted);
    const typed = [
      ...typedFor[command],
      `--${name}`,
      '~/x',
      ...(name === 'config' || name === 'collection' ? [] : ['--profile', 'p']),
      ...(command === 'http' ? ['--public-url', 'https://anki.example'] : []),
    ];
    expect(new Map<string, unknown>(Object.entries(readConfig(typed, {}))).get(name), name).toEqual(wanted);
  }
  expect(readConfig(['--collection', '~x/y'], {}).collection).toBe('~x/y');
});

test('errors of the parser are one line', () => {
  expect(() => readConfig(['--nothing'], {})).toThrow(/^Unknown option '--nothing'$/);
  expect(() => readConfig(['--url', '--read-only'], {})).toThrow(
    /^--url needs a value that does not start with "-" \(or write --url=VALUE\)$/,
  );
});

test('help and the table in docs/options.md have every option once, with its commands', () => {
  const lines = help().split('\n');
  const rows = optionsMarkdown().split('\n');
  for (const [name, { help: text }] of optionTable) {
    expect(lines.filter((line) => line.startsWith(`  --${name} `))).toEqual([expect.stringContaining(text)]);
    expect(rows.filter((row) => row.startsWith(`| \`--${name}`)).length, name).toBeGreaterThan(0);
  }
  expect(help()).toMatch(/\nOptions of MCP over HTTP, serve:\n {2}--bind ADDRESS .*\n {2}--port PORT /);
  expect(rows.find((row) => row.includes('`--port PORT`'))).toContain('| MCP over HTTP, serve |');
  expect(rows.find((row) => row.includes('`--help`'))).toContain('| every command |');
});

test('help names every client and every toolset', () => {
  expect(help()).toContain(`CLIENT is one of ${clients.map(({ name }) => name).join(', ')}.`);
  expect(help()).toContain(`Offer only these toolsets: all, core, ${Object.keys(categories).join(', ')} [`);
});

test('a flag in the environment is on, off, or refused', () => {
  const readOnly = (value: string) => readConfig([], { ANKIWRIGHT_READ_ONLY: value })['read-only'];
  for (const value of ['1', 'true', 'YES', 'on']) expect(readOnly(value)).toBe(true);
  for (const value of ['0', 'false', 'No', 'off', '', '${READ_ONLY}']) expect(readOnly(value)).toBe(false);
  for (const value of ['maybe', '2', 'yes please']) {
    expect(() => readOnly(value)).toThrow('ANKIWRIGHT_READ_ONLY needs 1, true, yes or on');
  }
});

test.each([
  ['localhost', 'http://localhost:8765'],
  ['127.0.0.1:9/', 'http://127.0.0.1:9/'],
  ['http://anki.lan', 'http://anki.lan'],
])('--url %s means %s', (typed, url) => {
  expect(readConfig(['--url', typed], {}).url).toBe(url);
});
