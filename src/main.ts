#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { whenNeeded, type Backend } from './backend.ts';
import { apiKey, help, mediaDirs, readConfig, syncPassword, UsageError, type Config } from './config.ts';
import type { ManifestTool } from './manifest.ts';
import { mediaPolicy } from './media-policy.ts';
import { Safeguard } from './safeguard.ts';
import { createServer, serveStdio } from './server.ts';
import { chooseTools, core, UnknownName, type Toolsets } from './toolsets.ts';

const log = (message: string): void => {
  process.stderr.write(`ankiwright: ${message}\n`);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const { version }: { version: string } = readJson('../package.json');

/** The backend is loaded by the first call: a client that connects does not wait for it. */
function openBackend(config: Config): Backend {
  const timeout = config.timeout === undefined ? undefined : config.timeout * 1000;
  const { collection, profile, python, 'engine-dir': engineDir, url } = config;
  if (collection === undefined) {
    const key = apiKey(config);
    return whenNeeded('anki-connect', url, async () => {
      const { AnkiConnect } = await import('./anki-connect/client.ts');
      return new AnkiConnect({ url, apiKey: key, timeout });
    });
  }
  const sync = {
    url: config['sync-url'],
    user: config['sync-user'],
    password: syncPassword(config, process.env),
    tokenFile: config['sync-token-file'],
    full: config['sync-full'],
  };
  const importsAtOnce = config.command === 'mcp'; // nobody is there to press Import
  return whenNeeded('engine', collection, async () => {
    const { Engine } = await import('./engine/engine.ts');
    const idle = config.idle * 1000;
    return new Engine({ collection, profile, python, engineDir, idle, sync, importsAtOnce, log });
  });
}

async function offeredTools(config: Config): Promise<readonly ManifestTool[]> {
  const all: ManifestTool[] = readJson('../tools.manifest.json').tools;
  const names = all.map(({ name }) => name);
  const sets = config.toolsets ? await categorySets() : {};
  return chooseTools(
    all,
    { ...sets, all: names, core },
    {
      toolsets: config.toolsets,
      tools: config.tools,
      exclude: config['exclude-tools'],
      readOnly: config['read-only'],
    },
  );
}

async function categorySets(): Promise<Toolsets> {
  const { categories } = await import('./actions/index.ts');
  return Object.fromEntries(Object.entries(categories).map(([name, tools]) => [name, Object.keys(tools)]));
}

/** Ends the process within a second, whatever is under way. */
function endWith(close: () => Promise<unknown>): (code: number) => void {
  let ending = false;
  return (code) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(code), 900).unref();
    close().then(
      () => process.exit(code),
      () => process.exit(code),
    );
  };
}

async function mcp(config: Config): Promise<void> {
  const tools = await offeredTools(config);
  const backend = openBackend(config);
  const media = mediaPolicy(mediaDirs(config), backend.kind);
  const { confirm, backup } = config;
  const server = createServer({
    backend,
    tools,
    version,
    media,
    maxResult: config['max-result'] * 1000,
    safeguard: new Safeguard(backend, { confirm, backup, fullSync: config['sync-full'] }),
  });
  const end = endWith(() => Promise.all([server.close(), backend.close()]));
  process.stdin.once('end', () => end(0)).once('close', () => end(0));
  process.stdout.setMaxListeners(0).on('error', () => end(0)); // each answer waits for a slow reader
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => end(0));
  server.oninitialized = () => setTimeout(() => loadAhead(backend), listComesFirst).unref();
  await serveStdio(server);
}

/** Milliseconds in which a client asks for the list, before we are busy with loading. */
const listComesFirst = 20;

/** So that the first call does not wait for code. What fails is told by the call that needs it. */
function loadAhead(backend: Backend): void {
  Promise.all([import('./tool.ts'), backend.load?.()]).catch(() => {});
}

async function serve(config: Config): Promise<void> {
  const { settingsOf } = await import('./serve.ts');
  const { host, port, ...settings } = settingsOf(config);
  const { AnkiConnectServer } = await import('./anki-connect/server.ts');
  const backend = openBackend(config);
  const server = new AnkiConnectServer(backend, { ...settings, log });
  const end = endWith(() => Promise.all([server.close(), backend.close()]));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => end(0));
  log(`Anki-Connect's API for ${backend.place} at ${await server.listen(host, port)}`);
  // Whoever starts the server is told now of what is wrong with the collection, and not the first client.
  await backend.call('version', {}).catch((error: unknown) => log(messageOf(error)));
}

async function setup(config: Config): Promise<void> {
  const { install } = await import('./engine/install.ts');
  const { folder } = await install({ python: config.python, engineDir: config['engine-dir'], log });
  log(`Anki's engine is ready in ${folder}`);
}

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env);
  if (config.help) process.stdout.write(help());
  else if (config.version) process.stdout.write(`${version}\n`);
  else if (config.command === 'setup') await setup(config);
  else if (config.command === 'serve') await serve(config);
  else await mcp(config);
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
