import { existsSync, statSync } from 'node:fs';
import { UsageError } from '../../contract/errors.ts';
import type { System } from '../system.ts';
import { change, type Target } from './change.ts';
import { clientNamed, locate, type Client } from './clients.ts';
import { entryFor, withoutSecrets } from './entry.ts';
import type { Launch } from './launch.ts';

export interface UninstallOptions {
  readonly client: string;
  /** Name of the server in the client's configuration. */
  readonly name: string;
  readonly dryRun: boolean;
}

export interface InstallOptions extends UninstallOptions {
  /** Return the entry instead of writing it. */
  readonly print: boolean;
  readonly launch: Launch;
  /** Whether the user chose the tools that the server offers. */
  readonly choosesTools: boolean;
}

type Log = (line: string) => void;

/** Adds the server to a client's configuration. With `print`, returns the entry and changes nothing. */
export async function install(
  options: InstallOptions,
  system: System,
  log: Log,
): Promise<string | undefined> {
  const target = targetOf(options, system);
  const { client, name, file, trace } = target;
  const { dryRun } = options;
  const launch = launchFor(client, options, log);
  if (options.print) return printEntry(target, launch, log);
  if (!existsSync(file) && !existsSync(trace)) {
    log(`${client.title} does not seem to be installed: ${trace} does not exist.`);
  }
  const outcome = await change(
    target,
    (before) => entryFor(client.declaresStdio, launch, before),
    dryRun,
    log,
  );
  if (outcome === 'unchanged') log(`"${name}" in ${file} is already up to date. Nothing was changed.`);
  if (outcome !== 'changed') return undefined;
  if (Object.keys(launch.env).length > 0 && isReadableByOthers(file, system)) {
    log(`Other users of this computer can read that file, and the key in it: chmod 600 ${file}`);
  }
  log(client.next);
  if (launch.args.some((arg) => arg.startsWith('ankiwright@'))) {
    log('The client starts it with npx. To start faster, run "npm install -g ankiwright" and install again.');
  }
  return undefined;
}

/** Chooses the toolset core for a client that accepts few tools, unless the user chose the tools. */
function launchFor({ fewTools, title }: Client, { launch, choosesTools }: InstallOptions, log: Log): Launch {
  if (!fewTools || choosesTools) return launch;
  log(
    `${title} accepts a limited number of tools, so the entry has --toolsets core: all workflows, the most important actions, and runAction for the others. To list all tools, install again with --toolsets all.`,
  );
  return { ...launch, args: [...launch.args, '--toolsets', 'core'] };
}

/** Returns true if other users can read a file. On Windows the mode does not show that. */
const isReadableByOthers = (file: string, { platform }: System): boolean =>
  platform !== 'win32' && (statSync(file).mode & 0o044) !== 0;

/** Removes the server from a client's configuration. */
export async function uninstall(options: UninstallOptions, system: System, log: Log): Promise<undefined> {
  const target = targetOf(options, system);
  const outcome = await change(target, () => undefined, options.dryRun, log);
  if (outcome === 'changed') log(target.client.next);
  if (outcome === 'unchanged') {
    log(
      `${target.file} has no server "${target.name}". Nothing was changed. Choose another with --name NAME.`,
    );
  }
}

function targetOf({ client: clientName, name }: UninstallOptions, system: System): Target {
  const client = clientNamed(clientName);
  // All clients accept these names. No format has to quote them, and none is special in JavaScript.
  if (!/^[a-z][\w-]{0,31}$/i.test(name)) {
    throw new UsageError('--name needs a letter, and up to 31 more letters, digits, - or _');
  }
  return { client, name, ...locate(client, system) };
}

function printEntry({ client, name, file }: Target, launch: Launch, log: Log): string {
  const entry = entryFor(client.declaresStdio, withoutSecrets(launch) ?? launch, undefined);
  const hint = Object.keys(launch.env).length > 0 ? ' Replace *** by the key.' : '';
  log(`Add this to ${file}.${hint}`);
  return client.format.printEntry({ map: client.map, name }, entry);
}
