import { rm } from 'node:fs/promises';
import { engineHome, install as installEngine } from '../../backends/engine/process/install.ts';
import { messageOf } from '../../lib/error.ts';
import { checkStart } from '../check-start.ts';
import { optionsIn } from '../install/entry.ts';
import { install } from '../install/install.ts';
import type { Installed } from '../install/installed.ts';
import type { Draft } from '../install/kept-options.ts';
import { keyVariable, type Launch } from '../install/launch.ts';
import { thisProgram } from '../install/this-program.ts';
import type { Program } from '../program.ts';
import type { System } from '../system.ts';
import type { Fix } from './check.ts';
import { configOf } from './client.ts';
import type { Fixable } from './examine.ts';
import type { Target } from './subject.ts';

type Log = (line: string) => void;

/** Makes a correction and shows it. Of a correction that fails, only the reason is logged: the others follow. */
export async function applyFix(
  { fix, entries }: Fixable,
  target: Target,
  program: Program,
  system: System,
  log: Log,
): Promise<void> {
  try {
    if (fix.kind === 'engine') await reinstallEngine(entries, target, log);
    else for (const entry of entries) await correctEntry(entry, fix, program, system, log);
  } catch (error) {
    log(`This was not corrected: ${messageOf(error)}`);
  }
}

async function reinstallEngine([entry]: readonly Installed[], target: Target, log: Log): Promise<void> {
  const config = entry?.launch && configOf(entry.launch);
  const options = config ? { python: config.python, engineDir: config['engine-dir'] } : target;
  const home = engineHome(options);
  log(`Deleting ${home}, and installing the engine again.`);
  await rm(home, { recursive: true, force: true });
  await installEngine({ ...options, log });
}

async function correctEntry(
  { client, name = 'anki', launch }: Installed,
  fix: Exclude<Fix, { kind: 'engine' }>,
  program: Program,
  system: System,
  log: Log,
): Promise<void> {
  if (launch === undefined) return;
  const draft = fix.kind === 'program' ? thisProgram(program) : changed(launch, fix);
  const check = async (written: Launch): Promise<void> => {
    const config = configOf(written);
    if (config !== undefined) await checkStart(config, program, system);
  };
  const written = await install({ client, name, dryRun: false, fresh: false, draft, check }, system, log);
  if (written?.next !== undefined) log(written.next);
}

/** Returns what the entry starts, with other options. The options that it has are added when it is written. */
function changed({ command, args }: Launch, { url, apiKey }: Extract<Fix, { kind: 'options' }>): Draft {
  const present: Launch = { command, args, env: {} };
  return {
    command,
    program: args.slice(0, args.length - (optionsIn(present) ?? []).length),
    options: new Map(url === undefined ? [] : [['url', ['--url', url]]]),
    env: apiKey === undefined ? {} : { [keyVariable]: apiKey },
  };
}
