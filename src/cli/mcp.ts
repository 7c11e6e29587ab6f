import { setImmediate } from 'node:timers/promises';
import type { Backend } from '../contract/backend.ts';
import { once } from '../lib/once.ts';
import { createServer, type ServerOptions } from '../mcp/server.ts';
import { serveStdio } from '../mcp/stdio.ts';
import { mediaPolicy } from '../tools/media/media-policy.ts';
import { Safeguard } from '../tools/safeguards/safeguard.ts';
import { chooseTools, type Chosen } from '../tools/toolsets.ts';
import { closeOnSignal } from './close-on-signal.ts';
import { allowedDirs, syncsUnasked, type Config } from './config.ts';
import { log } from './log.ts';
import { openBackend } from './open-backend.ts';
import type { Program } from './program.ts';

/** Milliseconds after the start in which a client usually asks for the tools, before we load more code. */
const loadDelayMs = 20;

/** Milliseconds that running calls get to finish after the client has closed stdin. */
const lastCallsMs = 500;

/** Serves MCP over stdio until the client closes stdin or a signal ends the process. */
export async function mcpOverStdio(config: Config, program: Program): Promise<void> {
  const options = serverOptions(config, program);
  const onInitialized = () => setTimeout(() => void loadInAdvance(options.backend), loadDelayMs).unref();
  const server = createServer(options, onInitialized);
  const end = closeOnSignal(options.backend, server);
  process.stdout.on('error', () => end(0));
  const stdio = await serveStdio(server, log);
  // A client that closes stdin may still read the results of its last calls.
  const onInputEnd = () => void stdio.allAnswered(lastCallsMs).then(() => end(0));
  process.stdin.once('end', onInputEnd).once('close', onInputEnd);
}

/** Returns what a server is made of. Throws an error that says which option is wrong. */
export function serverOptions(config: Config, program: Program): ServerOptions {
  const tools = chosenTools(config, program);
  const backend = openBackend(config, log);
  const { confirm, backup, toolsets, tools: single, 'exclude-tools': excluded } = config;
  return {
    backend,
    get tools() {
      return tools().offered;
    },
    get allowed() {
      return tools().allowed;
    },
    isRestricted: config['read-only'] || [toolsets, single, excluded].some((names) => names !== undefined),
    hasEngine: hasEngine(config),
    syncsUnasked: hasEngine(config) && syncsUnasked(config),
    version: program.version,
    media: mediaPolicy(allowedDirs(config), backend.capabilities),
    maxResult: config['max-result'] * 1000,
    safeguard: new Safeguard({ confirm, backup }),
  };
}

const hasEngine = ({ collection, profile }: Config): boolean =>
  collection !== undefined || profile !== undefined;

/** Returns a function that reads the list of tools. Throws `UnknownName` at once if an option names an unknown tool. */
export function chosenTools(config: Config, program: Program): () => Chosen {
  const { toolsets, tools, 'exclude-tools': exclude, 'read-only': readOnly } = config;
  const choose = once(() =>
    chooseTools(program.readTools(), program.readCategories(), {
      toolsets,
      tools,
      exclude,
      readOnly,
      hasEngine: hasEngine(config),
    }),
  );
  if (toolsets || tools || exclude) choose();
  return choose;
}

/**
 * Prepares the first call, in steps between which requests are answered. Does not touch Anki or a collection. An error is
 * ignored here: that call reports it.
 */
export async function loadInAdvance(backend: Backend): Promise<void> {
  const steps = [
    () => import('../contract/index.ts'),
    () => import('../tools/tool.ts'),
    async () => backend.load?.(),
  ];
  for (const step of steps) {
    await step().catch(() => {});
    await setImmediate();
  }
}
