import { access, constants, stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { apiKey, allowedDirs, readConfig, UnknownCommand } from '../config.ts';
import { UsageError } from '../../contract/errors.ts';
import { clients } from '../install/clients.ts';
import { readConfiguration } from '../install/configuration.ts';
import { isOurs, optionsIn, programIn } from '../install/entry.ts';
import { serversIn } from '../install/format.ts';
import { installedIn, type Installed } from '../install/installed.ts';
import type { Launch } from '../install/launch.ts';
import type { System } from '../system.ts';
import { failure, ok, warning, type Check, type Finding } from './check.ts';

/** One finding for each client that has ankiwright or an unreadable configuration. */
export const client: Check = {
  name: 'client',
  examine: async ({ system }) => {
    const all = await installedIn(system);
    const relevant = all.filter(({ state }) => state === 'with' || state === 'unreadable');
    const findings = await Promise.all(relevant.map((installed) => examineClient(installed, system)));
    return all.some(({ state }) => state === 'with') ? findings : [...findings, noClient(all)];
  },
};

function noClient(all: readonly Installed[]): Finding {
  const configured = all.filter(({ state }) => state === 'without').map(({ client: name }) => name);
  const others = all.map(({ client: name }) => name).filter((name) => !configured.includes(name));
  return warning(
    'No client has ankiwright set up.',
    `\`ankiwright install CLIENT\` does it: ${[...configured, ...others].join(', ')}. For other clients, \`install --print\` prints the entry.`,
  );
}

async function examineClient(installed: Installed, system: System): Promise<Finding> {
  const { client: name, path, launch, reason } = installed;
  if (launch === undefined) {
    return failure(
      `${name}: ${path} cannot be read${reason === undefined ? '' : `: ${reason}`}.`,
      'Correct the file: the client starts none of its servers.',
    );
  }
  const obstacle = await obstacleTo(launch, system);
  if (obstacle !== undefined) {
    return failure(`${name}: ${obstacle}.`, `\`ankiwright install ${name}\` writes a new entry.`);
  }
  const [other] = await otherAnkiServers(installed);
  if (other === undefined) return ok(`${name} starts ${programOf(launch)}.`);
  return warning(
    `${name} has another server for Anki, "${other}".`,
    `Remove the server that you do not use from ${path}: assistants confuse them, and only one program can have a collection open.`,
  );
}

/** Returns the reason why a client cannot start the server, if there is a visible one. */
async function obstacleTo(launch: Launch, system: System): Promise<string | undefined> {
  const { command, env } = launch;
  if (!('PATH' in env) && !(await isProgram(command, system))) return `its program ${command} does not exist`;
  const options = optionsIn(launch);
  if (options === undefined) return undefined; // for example a container
  const main = programIn(launch);
  if (main !== undefined && isAbsolute(main) && !(await exists(main)))
    return `its program ${main} does not exist`;
  return wrongOption(options);
}

/** Returns what is wrong with the options of an entry. */
async function wrongOption(args: readonly string[]): Promise<string | undefined> {
  try {
    const config = readConfig(args, {});
    apiKey(config);
    allowedDirs(config);
    const { collection } = config;
    if (collection === undefined) return undefined;
    if (!isAbsolute(collection)) return `its --collection ${collection} is not an absolute path`;
    if (!(await exists(dirname(collection))))
      return `the folder of its collection, ${dirname(collection)}, does not exist`;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // The message would contain the argument, which may be a key without its option.
    return error instanceof UnknownCommand ? 'it has an unexpected argument' : error.message;
  }
  return undefined;
}

const programOf = (launch: Launch): string => [launch.command, programIn(launch)].filter(Boolean).join(' ');

const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined;

/** Returns true if a shell would find the command. A client may search in fewer folders. */
async function isProgram(command: string, { platform, env }: System): Promise<boolean> {
  const folders = /[\\/]/.test(command) ? [''] : (env['PATH'] ?? '').split(delimiter);
  const endings = platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : [''];
  const paths = folders.flatMap((folder) => endings.map((ending) => join(folder, command + ending)));
  const executable = await Promise.all(
    paths.map((path) =>
      access(path, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return executable.includes(true);
}

/** Returns the names of the client's other servers for Anki. */
async function otherAnkiServers({ client: name, path }: Installed): Promise<readonly string[]> {
  const known = clients.find((one) => one.name === name);
  if (known === undefined) return [];
  const servers = Object.entries(serversIn(known.format.parse(readConfiguration(path).text), known.map));
  const ours = await Promise.all(servers.map(([, entry]) => isOurs(entry)));
  const isForAnki = ([other, entry]: readonly [string, unknown]): boolean =>
    /anki/i.test(other) || /anki[^\s"]*mcp|mcp[^\s"]*anki/i.test(JSON.stringify(entry));
  return servers.filter((server, index) => !ours[index] && isForAnki(server)).map(([other]) => other);
}
