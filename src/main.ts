#!/usr/bin/env node
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Backend } from './contract/backend.ts';
import { apiKey, mediaDirs, readConfig, serverArguments, type Config } from './cli/config.ts';
import { UsageError } from './contract/errors.ts';
import type { ManifestTool } from './tools/manifest.ts';
import { mediaPolicy } from './tools/media/media-policy.ts';
import { once } from './lib/once.ts';
import { openBackend } from './cli/open-backend.ts';
import { Safeguard } from './tools/safeguards/safeguard.ts';
import { createServer, type ServerOptions } from './mcp/server.ts';
import { serveStdio } from './mcp/stdio.ts';
import { thisSystem } from './cli/system.ts';
import { chooseTools, core, UnknownName, type Toolsets } from './tools/toolsets.ts';
import { messageOf } from './lib/error.ts';

const log = (message: string): void => {
  process.stderr.write(`ankiwright: ${message}\n`);
};

const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const { version }: { version: string } = readJson('../package.json');

/** The tools to offer. Names that are wrong are told at once; the list is read when it is asked for. */
async function offeredTools(config: Config): Promise<() => readonly ManifestTool[]> {
  const { toolsets, tools, 'exclude-tools': exclude, 'read-only': readOnly } = config;
  const sets = toolsets ? await categorySets() : {};
  const choose = once(() => {
    const all: ManifestTool[] = readJson('../tools.manifest.json').tools;
    const names = all.map(({ name }) => name);
    return chooseTools(all, { ...sets, all: names, core }, { toolsets, tools, exclude, readOnly });
  });
  if (toolsets || tools || exclude) choose();
  return choose;
}

async function categorySets(): Promise<Toolsets> {
  const { categories } = await import('./contract/index.ts');
  return Object.fromEntries(Object.entries(categories).map(([name, tools]) => [name, Object.keys(tools)]));
}

async function mcpOptions(config: Config): Promise<ServerOptions> {
  const tools = await offeredTools(config);
  const backend = openBackend(config, log);
  const { confirm, backup } = config;
  return {
    backend,
    get tools() {
      return tools();
    },
    version,
    media: mediaPolicy(mediaDirs(config), backend.capabilities),
    maxResult: config['max-result'] * 1000,
    safeguard: new Safeguard({ confirm, backup, fullSync: config['sync-full'] }),
  };
}

/** Ends the process within a second, whatever is under way: by a signal, or when told. */
function endWith(...parts: readonly { close(): Promise<unknown> }[]): (code: number) => void {
  let ending = false;
  const end = (code: number) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(code), 900).unref();
    Promise.all(parts.map((part) => part.close())).then(
      () => process.exit(code),
      () => process.exit(code),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => end(0));
  return end;
}

async function mcp(config: Config): Promise<void> {
  const options = await mcpOptions(config);
  if (config.http) return overHttp(config, options);
  const server = createServer(options);
  const end = endWith(server, options.backend);
  process.stdout.on('error', () => end(0));
  server.oninitialized = () => setTimeout(() => loadAhead(options.backend), listComesFirst).unref();
  const stdio = await serveStdio(server, log);
  // A client that has gone may yet read what it asked for.
  const gone = () => void stdio.answered(500).then(() => end(0));
  process.stdin.once('end', gone).once('close', gone);
}

async function overHttp(config: Config, options: ServerOptions): Promise<void> {
  const { listenHttp } = await import('./mcp/http/listen.ts');
  const { tokenFrom } = await import('./mcp/http/token.ts');
  const { secret, told } = tokenFrom(config['token-file'], log);
  const front = await listenHttp({
    host: config.bind ?? '127.0.0.1',
    port: config.port ?? 3141,
    token: secret,
    allowHosts: config['allow-host'] ?? [],
    allowOrigins: config['cors-origin'] ?? [],
    log,
    sessionServer: ({ inTurn }) => createServer({ ...options, inTurn }),
  });
  endWith(front, options.backend);
  log(`MCP for ${options.backend.place} at ${front.url}; ${told}`);
  loadAhead(options.backend);
}

/** Milliseconds in which a client asks for the list, before we are busy with loading. */
const listComesFirst = 20;

/** So that the first call does not wait for code. What fails is told by the call that needs it. */
function loadAhead(backend: Backend): void {
  Promise.all([import('./tools/tool.ts'), backend.load?.()]).catch(() => {});
}

async function serve(config: Config): Promise<void> {
  const { settingsOf } = await import('./cli/serve.ts');
  const { host, port, ...settings } = settingsOf(config);
  const { AnkiConnectServer } = await import('./anki-connect/server.ts');
  const backend = openBackend(config, log);
  const server = new AnkiConnectServer(backend, { ...settings, log });
  endWith(server, backend);
  log(`Anki-Connect's API for ${backend.place} at ${await server.listen(host, port)}`);
  // Whoever starts the server is told now of what is wrong with the collection, and not the first client.
  await backend.call('version', {}).catch((error: unknown) => log(messageOf(error)));
}

async function setup(config: Config): Promise<void> {
  const { install } = await import('./backends/engine/process/install.ts');
  const { folder } = await install({ python: config.python, engineDir: config['engine-dir'], log });
  log(`Anki's engine is ready in ${folder}`);
}

async function connect(config: Config): Promise<void> {
  const { install, uninstall } = await import('./cli/install/install.ts');
  const { launchOf } = await import('./cli/install/launch.ts');
  const launch = launchOf({
    execPath: process.execPath,
    main: realpathSync(fileURLToPath(import.meta.url)),
    version,
    platform: process.platform,
    args: serverArguments(given),
    apiKey: config['api-key'],
  });
  const { client = '', name, print, 'dry-run': dryRun } = config;
  const run = config.command === 'install' ? install : uninstall;
  const entry = await run({ client, name, dryRun, print, launch }, thisSystem(), log);
  if (entry !== undefined) process.stdout.write(`${entry}\n`);
}

async function doctor(config: Config): Promise<void> {
  const { examine } = await import('./cli/doctor/examine.ts');
  const { asJson, asText } = await import('./cli/doctor/report.ts');
  const { url, collection, profile, python, 'engine-dir': engineDir, 'anki-base': ankiFolder } = config;
  const target = { url, apiKey: apiKey(config), collection, profile, ankiFolder, python, engineDir };
  const report = await examine(target, thisSystem());
  // Whatever a check still waits for is not waited for.
  process.stdout.write((config.json ? asJson : asText)(report), () => process.exit(report.ok ? 0 : 1));
}

const given = process.argv.slice(2);
const commands = { mcp, serve, setup, doctor, install: connect, uninstall: connect };

async function main(): Promise<void> {
  const config = readConfig(given, process.env);
  if (config.help) process.stdout.write((await import('./cli/help.ts')).help());
  else if (config.version) process.stdout.write(`${version}\n`);
  else await commands[config.command](config);
}

process.on('uncaughtException', (error) => {
  log(error.stack ?? String(error));
  process.exit(1);
});

main().catch((error: unknown) => {
  const usage = error instanceof UsageError || error instanceof UnknownName;
  log(`${messageOf(error)}${usage ? ' (see --help)' : ''}`);
  process.exit(usage ? 2 : 1);
});
