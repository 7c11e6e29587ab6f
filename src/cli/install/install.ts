import { existsSync, statSync } from 'node:fs';
import { UsageError } from '../../contract/errors.ts';
import type { System } from '../system.ts';
import { change, type Target } from './change.ts';
import { clientNamed, locate, type Client } from './clients.ts';
import { entryFor, withoutSecrets } from './entry.ts';
import { launchFrom, withKeptOptions, withoutOptionVariables, type Draft } from './kept-options.ts';
import type { Launch } from './launch.ts';
import { placesOf } from './places.ts';
import { printerFor } from './printed.ts';

export interface UninstallOptions {
  readonly client: string;
  /** Name of the server in the client's configuration. */
  readonly name: string;
  readonly dryRun: boolean;
}

export interface InstallOptions extends UninstallOptions {
  readonly draft: Draft;
  /** Forget the options of the present entry. */
  readonly fresh: boolean;
  /** Throws an error if the server cannot start like this. */
  readonly check: (launch: Launch) => Promise<void>;
}

type Log = (line: string) => void;

/** A written entry: how the client starts it, and what the user has to do before the client uses it, if it has changed. */
export interface Written {
  readonly launch: Launch;
  readonly next?: string;
}

/** Adds the server to a client's configuration. Returns undefined if the entry was only shown. */
export async function install(
  options: InstallOptions,
  system: System,
  log: Log,
): Promise<Written | undefined> {
  const target = targetOf(options, system);
  const { client, name, file, trace } = target;
  if (!existsSync(file) && !existsSync(trace)) {
    log(`${client.title} does not seem to be installed: ${trace} does not exist.`);
  }
  let launch = launchFrom(options.draft);
  const outcome = await change(
    target,
    async (before) => {
      launch = launchAfter(client, options, before);
      await options.check(launch);
      return entryFor(client.declaresStdio, launch, options.fresh ? withoutOptionVariables(before) : before);
    },
    options.dryRun,
    log,
  );
  if (outcome !== 'unchanged') explainTools(client, launch, log);
  if (outcome === 'unchanged') log(`"${name}" in ${file} is already up to date. Nothing was changed.`);
  if (options.dryRun) return undefined;
  if (outcome !== 'changed') return { launch };
  explainChange(target, launch, system, log);
  return { launch, next: client.next };
}

function explainChange({ file }: Target, launch: Launch, system: System, log: Log): void {
  if (Object.keys(launch.env).length > 0 && isReadableByOthers(file, system)) {
    log(`Other users of this computer can read that file, and the key in it: chmod 600 ${file}`);
  }
  if (launch.args.some((arg) => arg.startsWith('ankiwright@'))) {
    log('The client starts it with npx. To start faster, run "npm install -g ankiwright" and install again.');
  }
}

/** Returns the entry for pasting by hand, for a client that may be unknown. Changes nothing. */
export async function printedEntry(
  options: Pick<InstallOptions, 'client' | 'name' | 'draft' | 'check'>,
  system: System,
  log: Log,
): Promise<string> {
  refuseName(options.name);
  const client = printerFor(options.client) ?? clientNamed(options.client);
  const launch = launchAfter('format' in client ? client : {}, { ...options, fresh: true }, undefined);
  await options.check(launch);
  const shown = withoutSecrets(launch) ?? launch;
  const hasSecret = Object.keys(launch.env).length > 0;
  const hint = hasSecret ? ' Replace *** by the key.' : '';
  const { name } = options;
  if ('where' in client) {
    log(`${client.where(placesOf(system))}${hint}`);
    return client.print(name, shown);
  }
  explainTools(client, launch, log);
  log(`Add this to ${locate(client, system).file}.${hint}`);
  if (client.link !== undefined && !hasSecret) log(`Or open this link: ${client.link(name, launch)}`);
  return client.format.printEntry(
    { map: client.map, name },
    entryFor(client.declaresStdio, shown, undefined),
  );
}

/** Returns what the client will start. One that accepts few tools gets the toolset core, unless the user chose the tools. */
function launchAfter(
  { fewTools }: Pick<Client, 'fewTools'>,
  { draft: typed, fresh }: Pick<InstallOptions, 'draft' | 'fresh'>,
  before: unknown,
): Launch {
  const draft = fresh ? typed : withKeptOptions(typed, before);
  const choosesTools = draft.options.has('toolsets') || draft.options.has('tools');
  if (!fewTools || choosesTools) return launchFrom(draft);
  return launchFrom({ ...draft, options: new Map([...draft.options, ['toolsets', coreOnly]]) });
}

const coreOnly: readonly string[] = ['--toolsets', 'core'];

function explainTools({ fewTools, title }: Client, { args }: Launch, log: Log): void {
  if (!fewTools || !args.join(' ').includes(coreOnly.join(' '))) return;
  log(
    `${title} accepts a limited number of tools, so the entry has --toolsets core: all workflows, the most important actions, and runAction for the others. To list all tools, install again with --toolsets all.`,
  );
}

/** Returns true if other users can read a file. On Windows the mode does not show that. */
const isReadableByOthers = (file: string, { platform }: System): boolean =>
  platform !== 'win32' && (statSync(file).mode & 0o044) !== 0;

/** Removes the server from a client's configuration. */
export async function uninstall(options: UninstallOptions, system: System, log: Log): Promise<undefined> {
  const target = targetOf(options, system, 'uninstall');
  const outcome = await change(target, async () => undefined, options.dryRun, log);
  if (outcome === 'changed') log(target.client.next);
  if (outcome === 'unchanged') {
    log(
      `${target.file} has no server "${target.name}". Nothing was changed. Choose another with --name NAME.`,
    );
  }
}

function targetOf(
  { client: clientName, name }: Pick<UninstallOptions, 'client' | 'name'>,
  system: System,
  command: 'install' | 'uninstall' = 'install',
): Target {
  const client = clientNamed(clientName, command);
  refuseName(name);
  return { client, name, ...locate(client, system) };
}

/** All clients accept these names. No format has to quote them, and none is special in JavaScript. */
function refuseName(name: string): void {
  if (/^[a-z][\w-]{0,31}$/i.test(name)) return;
  throw new UsageError('--name needs a letter, and up to 31 more letters, digits, - or _');
}
