import { access, constants, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { apiKey, mediaDirs, readConfig } from '../config.ts';
import { UsageError } from '../../contract/errors.ts';
import { clients } from '../install/clients.ts';
import { readConfiguration } from '../install/configuration.ts';
import { isOurs } from '../install/entry.ts';
import { serversIn } from '../install/format.ts';
import { installedIn, type Installed } from '../install/installed.ts';
import type { Launch } from '../install/launch.ts';
import type { System } from '../system.ts';
import { failure, ok, warning, type Check, type Finding } from './check.ts';

/** Each client that has ankiwright, or a configuration that it cannot read itself, gets a finding of its own. */
export const client: Check = {
  name: 'client',
  look: async ({ system }) => {
    const all = await installedIn(system);
    const told = all.filter(({ state }) => state === 'with' || state === 'unreadable');
    const findings = await Promise.all(told.map((installed) => judge(installed, system)));
    return all.some(({ state }) => state === 'with') ? findings : [...findings, noneOf(all)];
  },
};

function noneOf(all: readonly Installed[]): Finding {
  const there = all.filter(({ state }) => state === 'without').map(({ client: name }) => name);
  const others = all.map(({ client: name }) => name).filter((name) => !there.includes(name));
  return warning(
    'No client has ankiwright set up.',
    `\`ankiwright install CLIENT\` does it: ${[...there, ...others].join(', ')}. Other clients are told by hand: see --print.`,
  );
}

async function judge(installed: Installed, system: System): Promise<Finding> {
  const { client: name, path, launch, reason } = installed;
  if (launch === undefined) {
    return failure(
      `${name}: ${path} cannot be read${reason === undefined ? '' : `: ${reason}`}.`,
      'Mend it: the client sees none of its servers.',
    );
  }
  const obstacle = await obstacleTo(launch, system);
  if (obstacle !== undefined) {
    return failure(`${name}: ${obstacle}.`, `\`ankiwright install ${name}\` writes its entry anew.`);
  }
  const [rival] = await rivalsIn(installed);
  if (rival === undefined) return ok(`${name} starts ${programOf(launch)}.`);
  return warning(
    `${name} has another server for Anki, "${rival}", beside ankiwright.`,
    `Take out the one that you do not use, in ${path}: an assistant mixes them up, and only one program can have a collection open.`,
  );
}

/** The argument behind which our own options begin. */
const ourProgram = /[\\/]main\.js$|(?:^|[\\/])ankiwright(?:@[^\\/]*)?$/;

/** What keeps a client from starting it, as far as that can be seen. */
async function obstacleTo(launch: Launch, system: System): Promise<string | undefined> {
  const { command, args, env } = launch;
  if (!('PATH' in env) && !(await isProgram(command, system))) return `its program ${command} is not there`;
  if (!/^(node|npx|cmd|ankiwright)(\.\w+)?$/i.test(basename(command))) return undefined; // a container, perhaps
  const at = args.findIndex((arg) => ourProgram.test(arg));
  const main = args[at];
  if (main !== undefined && isAbsolute(main) && !(await isThere(main)))
    return `its program ${main} is not there`;
  return mistakeIn(args.slice(at + 1));
}

async function mistakeIn(args: readonly string[]): Promise<string | undefined> {
  try {
    const config = readConfig(args, {});
    apiKey(config);
    mediaDirs(config);
    const { collection } = config;
    if (collection === undefined) return undefined;
    if (!isAbsolute(collection)) return `its --collection ${collection} is not the whole path`;
    if (!(await isThere(dirname(collection))))
      return `there is no folder ${dirname(collection)} for its collection`;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // A stray word may be a key.
    return error.message.startsWith('unknown command') ? 'it is given a word too many' : error.message;
  }
  return undefined;
}

const programOf = ({ command, args }: Launch): string =>
  [command, args.find((arg) => ourProgram.test(arg))].filter(Boolean).join(' ');

const isThere = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined;

/** As a shell looks for it; a client may know fewer folders. */
async function isProgram(command: string, { platform, env }: System): Promise<boolean> {
  const folders = /[\\/]/.test(command) ? [''] : (env['PATH'] ?? '').split(delimiter);
  const endings = platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : [''];
  const places = folders.flatMap((folder) => endings.map((ending) => join(folder, command + ending)));
  const found = await Promise.all(
    places.map((place) =>
      access(place, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** What other servers for Anki the client has. */
async function rivalsIn({ client: name, path }: Installed): Promise<readonly string[]> {
  const known = clients.find((one) => one.name === name);
  if (known === undefined) return [];
  const servers = Object.entries(serversIn(known.format.parse(readConfiguration(path).text), known.map));
  const ours = await Promise.all(servers.map(([, entry]) => isOurs(entry)));
  const isForAnki = ([other, entry]: readonly [string, unknown]): boolean =>
    /anki/i.test(other) || /anki[^\s"]*mcp|mcp[^\s"]*anki/i.test(JSON.stringify(entry));
  return servers.filter((server, index) => !ours[index] && isForAnki(server)).map(([other]) => other);
}
