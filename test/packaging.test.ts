import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { getMcpConfigForManifest, MANIFEST_SCHEMAS, unpackExtension } from '@anthropic-ai/mcpb';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/sdk/client/stdio.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { options, optionTable } from '../src/cli/options.ts';
import { newCollection, startServe } from './support/served.ts';
import { password, startSyncServer, user } from './support/sync-server.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const run = promisify(execFile);
const path = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));
const read = (file: string): string => readFileSync(path(file), 'utf8');

interface Package {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly mcpName: string;
  readonly dependencies?: object;
}
const ours: Package = JSON.parse(read('package.json'));
const { tools: all }: { tools: readonly { name: string; needsEngine?: boolean; ui?: { appOnly?: true } }[] } =
  JSON.parse(read('tools.manifest.json'));
/** The tools that people and models see. */
const tools = all.filter(({ ui }) => !ui?.appOnly);
const toolNames = tools.map(({ name }) => name);

/** Starts a server as a client starts it, uses it, and closes it. */
async function connected<T>(server: StdioServerParameters, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StdioClientTransport({ stderr: 'inherit', ...server }));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

describe('the npm package', () => {
  interface Packed {
    readonly filename: string;
    readonly size: number;
    readonly files: readonly { readonly path: string }[];
  }
  const folder = temporaryFolder();
  let packed: Packed;

  beforeAll(async () => {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const found: Packed[] = JSON.parse((await run('npm', args, { cwd: path('') })).stdout);
    const [only] = found;
    if (!only) throw new Error('npm pack returned no package');
    packed = only;
  });

  test('contains only the files that it needs, in at most 1 MB', () => {
    const allowed =
      /^(dist\/(package\.json|[\w.-]+\.(js|py|txt))|LICENSE|README\.md|package\.json|tools\.manifest\.json)$/;
    const paths = packed.files.map((file) => file.path);
    expect(paths.filter((file) => !allowed.test(file))).toEqual([]);
    const wanted = ['LICENSE', 'README.md', 'package.json', 'tools.manifest.json'];
    const built = readdirSync(path('dist')).map((file) => `dist/${file}`);
    expect(paths.toSorted()).toEqual([...wanted, ...built].toSorted());
    expect(built).toEqual(
      expect.arrayContaining([
        'dist/collection-probe.py',
        'dist/host.py',
        'dist/licences.txt',
        'dist/main.js',
      ]),
    );
    expect(packed.size).toBeLessThanOrEqual(1_000_000);
    expect(ours.dependencies).toBeUndefined();
  });

  test('has a command that stays executable after a build', () => {
    const executable = process.platform === 'win32' ? 0 : 0o111;
    expect(statSync(path('dist/main.js')).mode & 0o111).toBe(executable);
  });

  test('starts with npx from its tarball, without a home, a cache or a network', async () => {
    const home = temporaryFolder();
    const env = {
      HOME: home,
      npm_config_cache: join(temporaryFolder(), 'cache'),
      npm_config_offline: 'true',
      npm_config_registry: 'http://127.0.0.1:9/',
    };
    const args = ['--yes', '--package', `file:${join(folder, packed.filename)}`, 'ankiwright'];
    const version = await connected({ command: 'npx', args, env, cwd: temporaryFolder() }, async (client) =>
      client.getServerVersion(),
    );
    expect(version).toMatchObject({ name: 'ankiwright', version: ours.version });
    expect(readdirSync(home)).toEqual([]);
  });
});

test('licences.txt contains the complete licence of every bundled package', () => {
  const entries = read('dist/licences.txt').split(/^-{80}$/m);
  const named = entries.map((entry) => /^\s*(\S+) \d/.exec(entry)?.[1]);
  const imported = readdirSync(path('src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...read(`src/${file}`).matchAll(/(?:from|import\()\s*'((?:@[\w-]+\/)?[a-z][\w-]*)/g)])
    .map(([, name]) => name)
    .filter((name) => name !== 'node' && !name?.startsWith('panel'));
  expect(named).toEqual(expect.arrayContaining([...new Set(imported)]));
  expect(
    entries.filter((entry) => !/Copyright .*\d{4}|Copyright \(c\) \w+/.test(entry) || entry.length < 650),
  ).toEqual([]);
});

describe('the bundle for Claude Desktop', () => {
  const folder = temporaryFolder();
  const manifestOf = () =>
    MANIFEST_SCHEMAS['0.3'].parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));

  /** Starts the server as Claude Desktop does: settings that are not filled in stay placeholders. */
  async function installed<T>(
    userConfig: Record<string, string | boolean>,
    use: (client: Client) => Promise<T>,
  ): Promise<T> {
    const places = { extensionPath: folder, systemDirs: {}, pathSeparator: sep };
    const config = await getMcpConfigForManifest({ manifest: manifestOf(), userConfig, ...places });
    if (!config) throw new Error('the manifest does not say how to start the server');
    const { command, args = [], env = {} } = config;
    return connected({ command, args, env }, use);
  }

  beforeAll(async () => {
    const mcpbPath = join(temporaryFolder(), 'ankiwright.mcpb');
    const packed = await run(process.execPath, [path('packaging/mcpb.js'), mcpbPath]);
    expect(packed).toMatchObject({ stdout: '', stderr: `${mcpbPath}\n` });
    expect(await unpackExtension({ mcpbPath, outputDir: folder, silent: true })).toBe(true);
  });

  test('contains the server and no development files', () => {
    const rest = ['LICENSE', 'dist', 'icon.png', 'manifest.json', 'package.json', 'tools.manifest.json'];
    expect(readdirSync(folder).toSorted()).toEqual(rest);
    expect(readdirSync(join(folder, 'dist'))).toEqual(readdirSync(path('dist')));
    const icon = readFileSync(join(folder, 'icon.png'));
    expect([icon.toString('latin1', 1, 4), icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([
      'PNG',
      512,
      512,
    ]);
  });

  test('its manifest describes the server', () => {
    const manifest = manifestOf();
    expect(manifest).toMatchObject({ name: ours.name, version: ours.version, description: ours.description });
    expect(manifest.tools?.map(({ name }) => name)).toEqual(toolNames);
    expect(manifest.user_config?.['url']?.default).toBe(options.url.default);
    expect(manifest.user_config?.['api_key']?.sensitive).toBe(true);
    const variables = Object.values(manifest.server.mcp_config.env ?? {});
    expect(variables).toEqual(Object.keys(manifest.user_config ?? {}).map((key) => `\${user_config.${key}}`));
  });

  test('each setting is documented', () => {
    const rows = read('docs/claude.md').split('\n');
    const titles = Object.values(manifestOf().user_config ?? {}).map(({ title }) => title);
    const documented = rows.flatMap((row) => /^\| ([^|]+) \| `--/.exec(row)?.slice(1) ?? []);
    expect(documented).toEqual(titles);
  });

  test('starts without settings', async () => {
    const listed = await installed({}, async (client) => {
      expect(client.getServerVersion()?.version).toBe(ours.version);
      return (await client.listTools()).tools;
    });
    const onDesktop = tools.filter(({ needsEngine }) => needsEngine !== true);
    expect(listed.map(({ name }) => name)).toEqual(onDesktop.map(({ name }) => name));
  });

  test('applies the settings', async () => {
    const collection = newCollection();
    await installed({ toolsets: 'deck' }, async (client) => {
      const names = (await client.listTools()).tools.map(({ name }) => name);
      expect(names).toContain('deckNames');
      expect(names).not.toContain('addNote');
    });
    await installed({ collection }, async (client) => {
      await client.callTool({ name: 'deckNames', arguments: {} }); // read-only, the server creates no collection
    });
    await installed({ read_only: true, collection }, async (client) => {
      const listed = (await client.listTools()).tools;
      expect(listed.filter(({ annotations }) => !annotations?.readOnlyHint)).toEqual([]);
      const decks = await client.callTool({ name: 'deckNames', arguments: {} });
      expect(decks.structuredContent).toEqual({ result: ['Default'] });
    });
  });
});

test('the plugin for Claude Code agrees with package.json, and the marketplace contains it', () => {
  const marketplace: { plugins: { name: string; source: string }[] } = JSON.parse(
    read('.claude-plugin/marketplace.json'),
  );
  expect(marketplace.plugins).toHaveLength(1);
  for (const { name, source } of marketplace.plugins) {
    const plugin = JSON.parse(read(join(source, '.claude-plugin/plugin.json')));
    expect(plugin).toMatchObject({ name, version: ours.version });
    expect(plugin.mcpServers).toEqual({ anki: { command: ours.name, args: [] } });
    expect(readdirSync(path(join(source, 'skills'))).length).toBeGreaterThan(3);
  }
});

test('server.json agrees with package.json and with the options', () => {
  const server = JSON.parse(read('server.json'));
  const { mcpName, name, version, description } = ours;
  expect(server).toMatchObject({ name: mcpName, version, description });
  expect(server.packages).toMatchObject([{ identifier: name, version, transport: { type: 'stdio' } }]);
  expect(mcpName).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
  expect(description.length).toBeLessThanOrEqual(100);
  expect(read('Dockerfile')).toContain(`LABEL io.modelcontextprotocol.server.name="${mcpName}"`);
  const variables: {
    name: string;
    description: string;
    default?: string;
    choices?: string[];
    isSecret?: true;
  }[] = server.packages[0].environmentVariables;
  expect(variables.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual([
    'ANKI_CONNECT_API_KEY',
  ]);
  for (const { name, description: text, default: defaultValue, choices = [] } of variables) {
    const [, option] = optionTable.find(([, { env }]) => env === name) ?? [];
    expect(option?.help, name).toContain(text);
    if (defaultValue !== undefined) expect(defaultValue, name).toBe(String(option?.default ?? false));
    for (const choice of choices) expect(() => option?.parse?.(choice), choice).not.toThrow();
  }
});

test.each([
  'server.json',
  'packaging/mcpb.js',
  'Dockerfile',
  'compose.yaml',
  'compose.remote.yaml',
  'packaging/ankiwright@.service',
])('%s sets only variables that the server reads', (file) => {
  const names = [...read(file).matchAll(/\bANKI[A-Z_]*\b(?="?[,:=])/g)].map(([name]) => name);
  const known = optionTable.map(([, { env }]) => env);
  expect(names.length).toBeGreaterThan(2);
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
});

test('the sync container syncs repeatedly and never replaces a collection', async () => {
  const server = await startSyncServer();
  const keys = temporaryFolder();
  const file = (name: string, text: string): string => {
    writeFileSync(join(keys, name), text);
    return join(keys, name);
  };
  const key = 'correct-horse-battery';
  const keyFile = file('api_key', `${key}\n`);
  const passwordFile = file('password', `${password}\n`);
  const anki = (name: string, ...more: string[]) => {
    const account = ['--sync-user', user, '--sync-password-file', passwordFile];
    const place = ['--collection', newCollection(), '--port', '0', '--sync-token-file', join(keys, name)];
    return startServe(...place, '--api-key-file', keyFile, '--sync-url', server.url, ...account, ...more);
  };
  /** Runs the program until it has logged two syncs. Returns its log. */
  const syncing = async (url: string): Promise<string> => {
    const env = { ANKI_CONNECT_URL: url, ANKI_CONNECT_API_KEY_FILE: keyFile, SYNC_MINUTES: '0.001' };
    const child = spawn(process.execPath, [path('packaging/sync.js')], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    for await (const chunk of child.stderr) {
      log += String(chunk);
      if ((log.match(/synced/g)?.length ?? 0) >= 2) child.kill('SIGTERM');
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    expect(log.match(/synced/g)?.length).toBeGreaterThanOrEqual(2);
    expect(log).not.toContain(key);
    return log;
  };
  const ask = (served: ReturnType<typeof anki>, action: string, params: object) =>
    served.ask({ action, version: 6, key, params });
  const first = anki('first', '--sync-full', 'upload');
  const second = anki('second');
  try {
    const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'a', Back: 'b' } };
    await ask(first, 'addNote', { note });
    expect(await syncing(await first.url)).not.toContain('not synced');
    const refused = await syncing(await second.url);
    expect(refused).toMatch(/not synced: The collection here has no cards, .*--sync-full download/);
    expect(await ask(second, 'findNotes', { query: '' })).toBe('{"result": [], "error": null}');
  } finally {
    for (const { child } of [first, second]) child.kill('SIGKILL');
    await server.close();
  }
});
