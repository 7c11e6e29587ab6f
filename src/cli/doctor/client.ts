import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { checkStart } from '../check-start.ts';
import { readConfig, UnknownCommand, type Config } from '../config.ts';
import { flagOf, options, optionTable } from '../options.ts';
import { messageOf } from '../../lib/error.ts';
import type { Program } from '../program.ts';
import { clients } from '../install/clients.ts';
import { readConfiguration } from '../install/configuration.ts';
import { isOurs, optionsIn, programIn } from '../install/entry.ts';
import { serversIn } from '../install/format.ts';
import type { Installed } from '../install/installed.ts';
import type { Launch } from '../install/launch.ts';
import type { System } from '../system.ts';
import { failure, findingOf, ok, warning, type Finding } from './check.ts';
import { pythonTimeoutMs } from './subject.ts';

/** A client's configuration, and what was found about it. */
export interface ExaminedClient {
  readonly installed: Installed;
  readonly finding: Finding;
}

/** Examines each entry of ankiwright, and each configuration that is unreadable. */
export async function examineClients(
  all: readonly Installed[],
  program: Program,
  system: System,
): Promise<readonly ExaminedClient[]> {
  const relevant = all.filter(({ state }) => state === 'with' || state === 'unreadable');
  return Promise.all(
    relevant.map(async (installed) => ({
      installed,
      finding: await examineClient(installed, program, system).catch(findingOf),
    })),
  );
}

/** Returns the finding if no client has an entry. */
export function noClient(all: readonly Installed[]): Finding {
  const configured = all.filter(({ state }) => state === 'without').map(({ client: name }) => name);
  const others = all.map(({ client: name }) => name).filter((name) => !configured.includes(name));
  return warning(
    'No client has ankiwright set up.',
    `\`ankiwright install CLIENT\` does it: ${[...configured, ...others].join(', ')}. For other clients, \`install --print\` prints the entry.`,
  );
}

async function examineClient(installed: Installed, program: Program, system: System): Promise<Finding> {
  const { client: name, path, launch, reason } = installed;
  if (launch === undefined) {
    return failure(
      `${name}: ${path} cannot be read${reason === undefined ? '' : `: ${reason}`}.`,
      'Correct the file: the client starts none of its servers.',
    );
  }
  const label = labelOf(installed);
  const missing = await missingProgram(launch, system);
  if (missing !== undefined) {
    return {
      ...failure(
        `${label}: its program ${missing} does not exist.`,
        `\`${installCommand(installed)}\` writes a new entry with the same options, and so does \`ankiwright doctor --fix\`.`,
      ),
      fix: { kind: 'program' },
    };
  }
  const wrong = await wrongOption(launch, program, system);
  if (wrong !== undefined) return failure(`${label}: ${wrong}.`, correction(wrong, installed));
  const [other] = await otherAnkiServers(installed);
  if (other === undefined) return ok(`${label} starts ${programOf(launch)}.`);
  return warning(
    `${name} has another server for Anki, "${other}".`,
    `Remove the server that you do not use from ${path}: assistants confuse them, and only one program can have a collection open.`,
  );
}

/** Returns the name of the client, and of the entry if it is unusual. */
export const labelOf = ({ client, name }: Installed): string =>
  name === undefined || name === options.name.default ? client : `${client} ("${name}")`;

/** Returns the command that changes an entry. */
export const installCommand = ({ client, name }: Installed): string =>
  `ankiwright install ${client}${name === undefined || name === options.name.default ? '' : ` --name ${name}`}`;

/** Returns which part of what the client starts does not exist. */
async function missingProgram(launch: Launch, system: System): Promise<string | undefined> {
  const { command, env } = launch;
  if (!('PATH' in env) && !(await isProgram(command, system))) return command;
  const main = optionsIn(launch) && programIn(launch); // not for a container
  return main !== undefined && isAbsolute(main) && !(await exists(main)) ? main : undefined;
}

/** Returns what is wrong with the options of an entry. */
async function wrongOption(launch: Launch, program: Program, system: System): Promise<string | undefined> {
  try {
    const config = configOf(launch);
    if (config !== undefined) await checkStart(config, program, system, pythonTimeoutMs);
    return undefined;
  } catch (error) {
    // The message would contain the argument, which may be a key without its option.
    if (error instanceof UnknownCommand) return 'it has an unexpected argument';
    return messageOf(error).replace(/\.$/, '');
  }
}

/** Returns the options of an entry, or undefined if another program passes them on. Throws `UsageError`. */
export function configOf(launch: Launch): Config | undefined {
  const args = optionsIn(launch);
  return args && readConfig(args, launch.env);
}

function correction(wrong: string, installed: Installed): string {
  const [command] = /unknown option/i.test(wrong) ? [] : commandsFor(wrong, [installed]);
  return command === undefined
    ? `\`${installCommand(installed)} --fresh\` writes a new entry; add the options that you want.`
    : `${command} replaces the option.`;
}

/** Returns the commands that set the options that a text names, in these entries. */
export const commandsFor = (text: string, entries: readonly Installed[]): readonly string[] => {
  const named = new Set([...text.matchAll(/--([a-z-]+)/g)].map(([, name]) => name));
  const set = optionTable.filter(([name, option]) => named.has(name) && option.for.includes('mcp'));
  return entries.flatMap((entry) => set.map((option) => `\`${installCommand(entry)} ${flagOf(option)}\``));
};

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
