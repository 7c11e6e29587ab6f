import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../contract/errors.ts';
import { messageOf } from '../lib/error.ts';
import { own } from '../lib/json.ts';
import { nearest } from '../lib/nearest.ts';
import {
  commandLabel,
  commandLabels,
  needs,
  optionTable,
  type CommandName,
  type Option,
  type OptionValues,
} from './options.ts';
import { WrongValue } from './option-value.ts';

const typedCommands = ['mcp', 'serve', 'sync', 'grants', 'setup', 'install', 'uninstall', 'doctor'] as const;

/** Words that start another command than MCP over stdio. */
export const commandNames: ReadonlySet<string> = new Set(typedCommands.filter((name) => name !== 'mcp'));

/** What people type instead of an option. */
const aliases: Readonly<Record<string, string>> = {
  '-h': '--help',
  help: '--help',
  '-v': '--version',
  version: '--version',
};

export interface Config extends OptionValues {
  readonly command: CommandName;
  /** The client to install for. */
  readonly client: string | undefined;
  /** Id of the grant to revoke, or "all". */
  readonly revoke: string | undefined;
}

/** The first argument is no command, or there are too many arguments. */
export class UnknownCommand extends UsageError {}

/** Returns undefined for empty values and for placeholders that a client did not replace, such as "${API_KEY}". */
const filledIn = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' || /^\$\{[^}]*\}$/.test(value.trim()) ? undefined : value;

function listOf(values: readonly string[], separator?: string): string[] | undefined {
  const items = values
    .map((value) => filledIn(value) ?? '')
    .flatMap((value) => (separator === undefined ? [value] : value.split(separator)))
    .map((item) => item.trim())
    .filter(Boolean);
  return items.length > 0 ? items : undefined;
}

/** Returns an option's value from the command line. A folder is not split there: its name may contain any character. */
function typedValue({ list }: Option, value: unknown): unknown {
  if (list === undefined) return typeof value === 'string' ? filledIn(value) : value;
  return listOf(Array.isArray(value) ? value.map(String) : [], list === 'names' ? ',' : undefined);
}

function environmentValue(option: Option, environment: NodeJS.ProcessEnv): unknown {
  const value = filledIn(option.env === undefined ? undefined : environment[option.env]);
  if (value === undefined) return undefined;
  if (option.value === undefined) return flagValue(option.env ?? '', value);
  if (option.list === undefined) return value;
  return listOf([value], option.list === 'names' ? ',' : delimiter);
}

/** Refuses other words: a misspelt ANKIWRIGHT_READ_ONLY must not count as off. */
function flagValue(variable: string, value: string): boolean {
  if (/^(1|true|yes|on)$/i.test(value)) return true;
  if (/^(0|false|no|off)$/i.test(value)) return false;
  throw new UsageError(`${variable} needs 1, true, yes or on, or 0, false, no or off`);
}

function parseValue(name: string, { parse }: Option, value: unknown): unknown {
  if (parse === undefined) return value;
  try {
    return parse(String(value));
  } catch (error) {
    throw error instanceof WrongValue ? new UsageError(`--${name} needs ${error.message}`) : error;
  }
}

/** Reads the command line and the environment; the command line has priority. */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): Config {
  const { values, positionals } = parse(withoutAliases(args));
  const { name, client, revoke } = commandOf(positionals);
  const typed = new Map(optionTable.map(([key, option]) => [key, typedValue(option, values[key])]));
  const entries = optionTable.map(([key, option]): [string, unknown] => {
    const value = typed.get(key) ?? environmentValue(option, environment);
    if (value !== undefined) return [key, parseValue(key, option, expandHome(option, value))];
    return [key, option.value === undefined ? false : option.default];
  });
  const optionValues = Object.fromEntries(entries);
  const command = name === 'mcp' && optionValues['http'] === true ? 'http' : name;
  if (optionValues['help'] !== true && optionValues['version'] !== true) {
    const isTyped = (key: string) => typed.get(key) !== undefined;
    refuseOptionsOfOthers(command, isTyped);
    refuseUnusedOptions(command, optionValues, isTyped);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value was parsed as its option says, but the loop loses the types
  return Object.freeze({ ...optionValues, command, client, revoke }) as Config;
}

/** Replaces words that people type instead of options. `help options` prints all options, as `--help --all` does. */
function withoutAliases(args: readonly string[]): readonly string[] {
  const [first = '', ...others] = args;
  const option = own(aliases, first);
  if (option === undefined) return args;
  const [second, ...more] = others;
  return first === 'help' && second === 'options' ? [option, '--all', ...more] : [option, ...others];
}

function commandOf([word = 'mcp', client, ...more]: readonly string[]): {
  readonly name: (typeof typedCommands)[number];
  readonly client?: string | undefined;
  readonly revoke?: string | undefined;
} {
  const name = typedCommands.find((known) => known === word);
  if (name === 'grants' && client !== undefined) return { name, revoke: grantToRevoke(client, more) };
  const takesClient = name === 'install' || name === 'uninstall';
  if (name !== undefined && more.length === 0 && (client === undefined || takesClient)) {
    return { name, client };
  }
  const similar = name === undefined ? nearest(word, typedCommands) : undefined;
  const hint = similar === undefined ? '' : ` Did you mean "${similar}"?`;
  throw new UnknownCommand(
    `unknown command "${[word, client, ...more].filter((part) => part !== undefined).join(' ')}".${hint} The commands are ${typedCommands.slice(1).join(', ')}; without a command, ankiwright serves MCP`,
  );
}

function grantToRevoke(word: string, [id, ...more]: readonly string[]): string {
  if (word === 'revoke' && id !== undefined && more.length === 0) return id;
  throw new UsageError(
    'grants lists all grants, "grants revoke ID" ends one, and "grants revoke all" ends all',
  );
}

/** Only typed options are refused: an environment may be shared by several commands. */
function refuseOptionsOfOthers(command: CommandName, isTyped: (name: string) => boolean): void {
  const refused = optionTable
    .filter(([name, option]) => isTyped(name) && !option.for.includes(command))
    .map(([name, option]) =>
      option.once && command === 'install'
        ? `--${name} has no effect on install: it allows one full sync, and the client's configuration would allow it again at each start. Use it once with "ankiwright sync"`
        : `--${name} has no effect on ${commandLabel(command)}: it is an option of ${commandLabels(option.for)}`,
    );
  if (refused.length > 0) throw new UsageError(refused.join('; '));
}

/** Refuses typed options that the other options leave without effect. */
function refuseUnusedOptions(
  command: CommandName,
  values: Readonly<Record<string, unknown>>,
  isTyped: (name: string) => boolean,
): void {
  if (!['mcp', 'http', 'install'].includes(command)) return;
  const refused = optionTable.flatMap(([name, option]) => {
    const need = option.needs && needs[option.needs];
    return need && isTyped(name) && !need.isChosen(values) ? [`--${name} has no effect ${need.missing}`] : [];
  });
  if (refused.length > 0) throw new UsageError(refused.join('; '));
}

function parse(args: readonly string[]) {
  const flags = optionTable.map(([name, { value, list }]) => {
    const type = value === undefined ? ('boolean' as const) : ('string' as const);
    return [name, { type, multiple: list !== undefined }] as const;
  });
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: Object.fromEntries(flags) });
  } catch (error) {
    throw new UsageError(explainParsing(messageOf(error), args));
  }
}

/** Returns Node's message about the arguments in our words. */
function explainParsing(message: string, args: readonly string[]): string {
  const [, flag = ''] = /Option '(--[\w-]+)[^']*' argument is ambiguous/.exec(message) ?? [];
  if (flag !== '') {
    const [name, option] = optionTable.find(([key]) => `--${key}` === flag) ?? [];
    const value = args[args.indexOf(flag) + 1] ?? '';
    // The option says which numbers it accepts.
    if (name !== undefined && option !== undefined && /^-\d/.test(value)) parseValue(name, option, value);
    return `${flag} needs a value that does not start with "-" (or write ${flag}=VALUE)`;
  }
  const [first = ''] = message.split('. '); // the rest is about arguments that start with "-"
  const [, unknown = ''] = /Unknown option '--([\w-]+)'/.exec(first) ?? [];
  const similar = nearest(
    unknown,
    optionTable.map(([name]) => name),
  );
  return `${first.replaceAll('\n', ' ')}${unknown !== '' && similar !== undefined ? `; did you mean "--${similar}"?` : ''}`;
}

const withHome = (path: string): string => path.replace(/^~(?=$|[/\\])/, () => homedir());

const isPath = ({ value }: Option): boolean => value === 'PATH' || value === 'FOLDER';

/** Expands ~ in the paths of an option: clients start the server without a shell. */
function expandHome(option: Option, value: unknown): unknown {
  if (!isPath(option)) return value;
  return Array.isArray(value) ? value.map((path) => withHome(String(path))) : withHome(String(value));
}

/** Expands ~ and returns an absolute path: clients start the server in another folder. */
const absolute = (path: string): string => resolve(withHome(path));

/** Options of the server, each with the arguments that set it. */
export type ServerOptions = ReadonlyMap<string, readonly string[]>;

/** Returns the typed options of the server as a client has to repeat them: with absolute paths, without the key. */
export function typedServerOptions(args: readonly string[]): ServerOptions {
  const { values } = parse(args);
  return new Map(
    optionTable.flatMap(([name, option]) => {
      const value = typedValue(option, values[name]);
      if (value === undefined || name === 'api-key' || !option.for.includes('mcp')) return [];
      return [[name, argumentsFor(name, option, value)]];
    }),
  );
}

function argumentsFor(name: string, option: Option, value: unknown): readonly string[] {
  if (option.value === undefined) return value === true ? [`--${name}`] : [];
  return [value].flat().flatMap((one) => [`--${name}`, isPath(option) ? absolute(String(one)) : String(one)]);
}

/** Returns Anki-Connect's key, from its option or from its file. */
export const apiKey = (config: Config): string | undefined =>
  config['api-key'] ?? secretIn(config['api-key-file'], '--api-key-file');

/** Returns the password for syncing. It has no option, because every process can read a command line. */
export const syncPassword = (config: Config, environment: NodeJS.ProcessEnv): string | undefined =>
  filledIn(environment['ANKI_SYNC_PASSWORD']) ??
  secretIn(config['sync-password-file'], '--sync-password-file');

/** Returns true if the options name an account of a sync server. */
export const hasAccount = (config: Config): boolean =>
  config['sync-user'] !== undefined || config['sync-token-file'] !== undefined;

/** Returns whether a server syncs without being asked. Throws `UsageError` if it has no account for that. */
export function syncsUnasked(config: Config): boolean {
  const isOwnServer = config.command === 'http' && config['public-url'] !== undefined;
  const { command, sync = isOwnServer && hasAccount(config) ? 'auto' : 'manual' } = config;
  if (command === 'sync' || sync === 'manual') return false;
  if (hasAccount(config)) return true;
  throw new UsageError(
    '--sync auto needs an account: --sync-user and --sync-password-file, or --sync-token-file',
  );
}

const secretIn = (file: string | undefined, flag: string): string | undefined =>
  file === undefined ? undefined : filledIn(readSecret(file, flag));

/** Returns the text of a file that an option names. Throws `UsageError` if it cannot be read. */
export function readSecret(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new UsageError(`${flag} ${file} cannot be read`, { cause });
  }
}

/** Returns the folders of --allow-dir and --media-dir as absolute paths. Throws `UsageError` if one is not a folder. */
export const allowedDirs = (config: Config): string[] =>
  (['allow-dir', 'media-dir'] as const).flatMap((option) =>
    (config[option] ?? []).map((folder) => {
      const path = absolute(folder);
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
      throw new UsageError(`--${option} ${folder} is not a folder`);
    }),
  );
