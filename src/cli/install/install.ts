import { existsSync, statSync } from 'node:fs';
import { UsageError } from '../../contract/errors.ts';
import type { System } from '../system.ts';
import { change, type Target } from './change.ts';
import { clientNamed, locate } from './clients.ts';
import { entryFor, shown } from './entry.ts';
import type { Launch } from './launch.ts';

/** What a user asks for. */
export interface Order {
  readonly client: string;
  /** What the client calls the server. */
  readonly name: string;
  readonly dryRun: boolean;
  readonly print: boolean;
  readonly launch: Launch;
}

type Say = (line: string) => void;

/** Tells a client to start this server. Returns what is to be printed, if that is asked for. */
export async function install(order: Order, system: System, say: Say): Promise<string | undefined> {
  const target = targetOf(order, system);
  const { client, name, file, trace } = target;
  const { launch } = order;
  if (order.print) return printed(target, launch, say);
  if (!existsSync(file) && !existsSync(trace)) say(`${client.title} seems not to be installed: no ${trace}.`);
  const outcome = await change(target, (there) => entryFor(client.typed, launch, there), order.dryRun, say);
  if (outcome === 'as it was') say(`"${name}" in ${file} is as it should be. Nothing was changed.`);
  if (outcome !== 'changed') return undefined;
  if (Object.keys(launch.env).length > 0 && isOpen(file, system)) {
    say(`Others on this computer can read that file, and so the key: chmod 600 ${file}`);
  }
  say(client.next);
  if (launch.args.some((arg) => arg.startsWith('ankiwright@'))) {
    say('It is started by npx. "npm install -g ankiwright", and this once more, makes it start faster.');
  }
  return undefined;
}

/** Whether others may read a file; Windows tells otherwise. */
const isOpen = (file: string, { platform }: System): boolean =>
  platform !== 'win32' && (statSync(file).mode & 0o044) !== 0;

/** Takes our entry out of a client's configuration. */
export async function uninstall(order: Order, system: System, say: Say): Promise<undefined> {
  if (order.print) throw new UsageError('--print goes with install, not with uninstall');
  const target = targetOf(order, system);
  const outcome = await change(target, () => undefined, order.dryRun, say);
  if (outcome === 'changed') say(target.client.next);
  if (outcome === 'as it was') {
    say(
      `There is no "${target.name}" in ${target.file}. Nothing was changed. --name NAME takes out another one.`,
    );
  }
}

function targetOf({ client: id, name }: Order, system: System): Target {
  const client = clientNamed(id);
  // What all the clients take. None of it has to be quoted, and none has a meaning in JavaScript.
  if (!/^[a-z][\w-]{0,31}$/i.test(name)) {
    throw new UsageError('--name needs a letter, and up to 31 more letters, digits, - or _');
  }
  return { client, name, ...locate(client, system) };
}

function printed({ client, name, file }: Target, launch: Launch, say: Say): string {
  const entry = entryFor(client.typed, shown(launch) ?? launch, undefined);
  const secret = Object.keys(launch.env).length > 0 ? ', with the key in the place of ***' : '';
  say(`This goes into ${file}${secret}.`);
  return client.format.print({ map: client.map, name }, entry);
}
