import { UsageError } from '../contract/errors.ts';
import { messageOf } from '../lib/error.ts';
import { UnknownName } from '../tools/toolsets.ts';
import { closeOnSignal } from './close-on-signal.ts';
import { commandNames, hasAccount, readConfig, UnknownCommand, type Config } from './config.ts';
import { log } from './log.ts';
import { mcpOverStdio } from './mcp.ts';
import type { CommandName } from './options.ts';
import { openBackend } from './open-backend.ts';
import type { Program } from './program.ts';
import { thisSystem } from './system.ts';

type Run = (config: Config, program: Program, args: readonly string[]) => Promise<void>;

// MCP over stdio is imported statically, because its clients wait for the start; other commands load their own code.
const commands: Readonly<Record<CommandName, Run>> = {
  mcp: mcpOverStdio,
  http,
  serve,
  sync,
  grants,
  setup,
  install,
  uninstall,
  doctor,
};

/** For a person who starts the program without arguments. */
const introduction = `This is an MCP server for Anki. A client such as Claude starts it and talks to it; it is waiting for one now (Ctrl+C ends it).
- Add it to a client: ankiwright install
- Find problems: ankiwright doctor
- Commands and options: ankiwright --help`;

/** Runs the command of these arguments. Prints errors in one line; wrong usage exits with 2, everything else with 1. */
export async function runCommand(args: readonly string[], program: Program): Promise<void> {
  process.on('uncaughtException', (error) => {
    log(error.stack ?? String(error));
    process.exit(1);
  });
  try {
    const config = readConfig(args, process.env);
    if (config.help) {
      const { help, overview } = await import('./help.ts');
      const isOverview = config.command === 'mcp' && !config.all;
      process.stdout.write(isOverview ? overview() : help(config.command));
    } else if (config.version) process.stdout.write(`${program.version}\n`);
    else {
      if (args.length === 0 && process.stdin.isTTY) log(introduction);
      await commands[config.command](config, program, args);
    }
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof UnknownName;
    const message = messageOf(error);
    log(`${message}${isUsage ? ' (see --help)' : ''}`);
    if (isUsage && !(error instanceof UnknownCommand) && isForClient(args)) {
      const { answerFirstRequest } = await import('./refused-start.ts');
      await answerFirstRequest(`ankiwright cannot start: ${message}`, process.stdout);
    }
    process.exit(isUsage ? 2 : 1);
  }
}

/** Returns true if an MCP client has probably started the program with these arguments, and waits for an answer. */
const isForClient = (args: readonly string[]): boolean =>
  !process.stdin.isTTY && !args.includes('--http') && args.every((arg) => !commandNames.has(arg));

async function http(config: Config, program: Program): Promise<void> {
  const { mcpOverHttp } = await import('./http.ts');
  await mcpOverHttp(config, program);
}

/** Serves Anki-Connect's API on a collection until a signal ends the process. */
async function serve(config: Config): Promise<void> {
  const { serveSettings } = await import('./serve-settings.ts');
  const { host, port, ...settings } = serveSettings(config);
  const { AnkiConnectServer } = await import('../anki-connect/server.ts');
  const backend = openBackend(config, log);
  const server = new AnkiConnectServer(backend, { ...settings, log });
  closeOnSignal(backend, server);
  log(`Anki-Connect's API for ${backend.place} at ${await server.listen(host, port)}`);
  // Opens the collection now, so that its errors appear in the log and not only in a client's first reply.
  await backend.call('version', {}).catch((error: unknown) => log(messageOf(error)));
}

const account =
  '--sync-user NAME and --sync-password-file PATH, and --sync-url URL if the server is not AnkiWeb';

/** Syncs once. The only command that should get --sync-full: it cannot be started again by itself. */
async function sync(config: Config): Promise<void> {
  if (config.collection === undefined && config.profile === undefined)
    throw new UsageError(`sync needs --collection PATH or --profile NAME, and the account: ${account}`);
  if (config.collection !== undefined && !hasAccount(config))
    throw new UsageError(`sync needs the account: ${account}`);
  const backend = openBackend(config, log);
  const cancel = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.once(signal, () => cancel.abort(new Error('stopped by a signal')));
  try {
    await backend.call('sync', {}, { signal: cancel.signal, progress: log, strict: true });
    log(`${backend.place} is synced, with its media`);
  } finally {
    await backend.close();
  }
}

async function grants(config: Config): Promise<void> {
  const { grantsFile } = await import('./oauth-settings.ts');
  const { runGrants } = await import('./grants.ts');
  process.stdout.write(await runGrants(grantsFile(config), config.revoke));
}

async function setup(config: Config): Promise<void> {
  const { engineHome } = await import('../backends/engine/process/install.ts');
  const { startEngine } = await import('../backends/engine/process/start.ts');
  const location = { python: config.python, engineDir: config['engine-dir'] };
  const host = await startEngine({ ...location, log });
  await host.close();
  log(`Anki's engine is ready in ${engineHome(location)}`);
}

async function install(config: Config, program: Program, args: readonly string[]): Promise<void> {
  const { runInstall } = await import('./install/run.ts');
  const system = thisSystem();
  const result = await runInstall({ config, program, args }, system, log);
  if (result.printed !== undefined) process.stdout.write(`${result.printed}\n`);
  if (!result.ok) process.exitCode = 1;
}

async function uninstall({ client = '', name, 'dry-run': dryRun }: Config): Promise<void> {
  const { uninstall: remove } = await import('./install/install.ts');
  await remove({ client, name, dryRun }, thisSystem(), log);
}

async function doctor(config: Config, program: Program): Promise<void> {
  const { runDoctor } = await import('./doctor/doctor.ts');
  const { text, ok } = await runDoctor(config, program, thisSystem(), log);
  // Exits without waiting for checks that have timed out.
  process.stdout.write(text, () => process.exit(ok ? 0 : 1));
}
