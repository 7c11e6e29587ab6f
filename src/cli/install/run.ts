import { checkStart } from '../check-start.ts';
import { apiKey, readConfig, typedServerOptions, type Config } from '../config.ts';
import { examineAnki } from '../doctor/examine.ts';
import { linesOf } from '../doctor/report.ts';
import { targetOf } from '../doctor/subject.ts';
import { messageOf } from '../../lib/error.ts';
import type { Program } from '../program.ts';
import type { System } from '../system.ts';
import { chooseClients } from './choose.ts';
import { optionsIn } from './entry.ts';
import { install, printedEntry, type Written } from './install.ts';
import type { Draft } from './kept-options.ts';
import type { Launch } from './launch.ts';
import { thisProgram } from './this-program.ts';
import { tryLaunch } from './trial.ts';

interface Command {
  readonly config: Config;
  readonly program: Program;
  readonly args: readonly string[];
}

interface Result {
  /** What was to be printed instead of written. */
  readonly printed?: string;
  /** Every client can start the server. */
  readonly ok: boolean;
}

/** Adds the server to the clients that the user chooses, and starts it once as each of them would. */
export async function runInstall(
  command: Command,
  system: System,
  log: (line: string) => void,
): Promise<Result> {
  const { config, program, args } = command;
  const { client, name, fresh, 'dry-run': dryRun } = config;
  const draft: Draft = { ...thisProgram(program, config['api-key']), options: typedServerOptions(args) };
  const configOf = (launch: Launch): Config => readConfig(optionsIn(launch) ?? [], launch.env);
  const check = (launch: Launch): Promise<void> => checkStart(configOf(launch), program, system);
  if (config.print) {
    const options = { client: client ?? '', name, draft, check };
    return { printed: await printedEntry(options, system, log), ok: true };
  }
  const entries = new Map<string, Written>();
  for (const { name: chosen, title } of await chooseClients(config, system)) {
    const written = await install({ client: chosen, name, dryRun, fresh, draft, check }, system, log);
    if (written !== undefined) entries.set(title, written);
  }
  const results = await Promise.all(
    [...entries].map(async ([title, { launch, next }]) => {
      const { says, ...trial } = await tried(launch, system);
      log(`${title}: ${says}`);
      return { launch, next, ...trial };
    }),
  );
  const problems = results.filter(({ problem }) => problem !== undefined);
  const found = await problemsOf(
    problems.map(({ launch }) => configOf(launch)),
    system,
  );
  for (const line of found.length > 0 ? found : problems.map(({ problem }) => problem ?? '')) log(line);
  const usable = results.filter(({ isConnected }) => isConnected);
  for (const { next } of usable) if (next !== undefined) log(next);
  if (usable.length > 0) log('Then ask in the client: "What is due in Anki today?"');
  return { ok: results.every(({ isConnected }) => isConnected) };
}

/** Starts the server as the client will. */
async function tried(launch: Launch, system: System) {
  try {
    const { tools, due, problem } = await tryLaunch(launch, system);
    if (problem !== undefined) {
      const says = `the server starts, with ${tools} tools, but it does not reach your cards yet.`;
      return { says, isConnected: true, problem };
    }
    const counted = due === undefined ? '' : `, ${due} ${due === 1 ? 'card' : 'cards'} due today`;
    return { says: `connected: ${tools} tools${counted}.`, isConnected: true, problem };
  } catch (error) {
    return { says: 'the server does not start.', isConnected: false, problem: messageOf(error) };
  }
}

/** Returns what doctor finds wrong for these servers, each line once. */
async function problemsOf(configs: readonly Config[], system: System): Promise<readonly string[]> {
  const reports = await Promise.all(
    configs.map((config) => examineAnki(targetOf(config, apiKey(config)), system)),
  );
  const failures = reports.flatMap(({ checks }) => checks).filter(({ state }) => state === 'failure');
  return [...new Set(linesOf(failures))];
}
