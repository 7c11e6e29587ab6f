import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../contract/errors.ts';
import { listeningOptions, optionTable, passingOptions, type Option, type OptionValues } from './options.ts';

const commands = ['mcp', 'serve', 'setup', 'install', 'uninstall', 'doctor'] as const;
type Command = (typeof commands)[number];

export interface Config extends OptionValues {
  readonly command: Command;
  /** The client to install for. */
  readonly client: string | undefined;
}

/** Empty values and placeholders that nobody filled in, as "${API_KEY}", count as not given. */
const given = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' || /^\$\{[^}]*\}$/.test(value.trim()) ? undefined : value;

const items = (values: readonly string[], separator?: string): string[] | undefined => {
  const parts = values.flatMap((value) => {
    const whole = given(value) ?? '';
    return separator === undefined ? [whole] : whole.split(separator);
  });
  const named = parts.map((part) => part.trim()).filter(Boolean);
  return named.length > 0 ? named : undefined;
};

/** A folder of the command line is whole, whatever signs are in it. */
function typed({ list }: Option, value: unknown): unknown {
  if (list === undefined) return typeof value === 'string' ? given(value) : value;
  return items(Array.isArray(value) ? value.map(String) : [], list === 'words' ? ',' : undefined);
}

function inEnvironment(option: Option, environment: NodeJS.ProcessEnv): unknown {
  const value = given(option.env === undefined ? undefined : environment[option.env]);
  if (value === undefined) return undefined;
  if (option.value === undefined) return /^(1|true|yes|on)$/i.test(value);
  if (option.list === undefined) return value;
  return items([value], option.list === 'words' ? ',' : delimiter);
}

function checked(name: string, { schema }: Option, value: unknown): unknown {
  const parsed = schema?.().safeParse(value);
  if (parsed === undefined) return value;
  if (parsed.success) return parsed.data;
  throw new UsageError(`--${name} needs ${parsed.error.issues[0]?.message ?? 'another value'}`);
}

/** Reads the command line and the environment; the command line wins. */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): Config {
  const { values, positionals } = parse(args);
  const [name = 'mcp', client, ...more] = positionals;
  const command = commands.find((known) => known === name);
  const takesClient = command === 'install' || command === 'uninstall';
  if (command === undefined || more.length > 0 || (client !== undefined && !takesClient)) {
    throw new UsageError(
      `unknown command "${positionals.join(' ')}": there are ${commands.slice(1).join(', ')}, and none for MCP over stdio`,
    );
  }
  const entries = optionTable.map(([key, option]) => {
    const value = typed(option, values[key]) ?? inEnvironment(option, environment);
    if (value !== undefined) return [key, checked(key, option, value)];
    return [key, option.value === undefined ? false : option.default];
  });
  // Each value has been parsed by its own option's schema.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's types are lost in the loop
  return Object.freeze({ ...Object.fromEntries(entries), command, client }) as Config;
}

function parse(args: readonly string[]) {
  const flags = optionTable.map(([name, { value, list }]) => {
    const type = value === undefined ? ('boolean' as const) : ('string' as const);
    return [name, { type, multiple: list !== undefined }] as const;
  });
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: Object.fromEntries(flags) });
  } catch (error) {
    throw new UsageError(
      error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error),
    );
  }
}

/** Clients start us without a shell, so ~ is read here. */
const absolute = (path: string): string => resolve(path.replace(/^~(?=$|[/\\])/, () => homedir()));

/** What was typed of a server's options, as a client has to repeat it: paths absolute, and without the key. */
export function serverArguments(args: readonly string[]): string[] {
  const { values } = parse(args);
  return optionTable.flatMap(([name, option]) => {
    const value = typed(option, values[name]);
    if (value === undefined || name === 'api-key' || passingOptions.includes(name)) return [];
    if (listeningOptions.includes(name)) {
      throw new UsageError(
        `--${name} is for a server that listens; clients start one that speaks over stdio`,
      );
    }
    if (option.value === undefined) return value === true ? [`--${name}`] : [];
    const isPath = option.value === 'PATH' || option.value === 'FOLDER';
    return [value].flat().flatMap((one) => [`--${name}`, isPath ? absolute(String(one)) : String(one)]);
  });
}

/** The key as given, or as read from its file. */
export const apiKey = (config: Config): string | undefined =>
  config['api-key'] ?? secretIn(config['api-key-file'], '--api-key-file');

/** Never on the command line, where every process could read it. */
export const syncPassword = (config: Config, environment: NodeJS.ProcessEnv): string | undefined =>
  given(environment['ANKI_SYNC_PASSWORD']) ?? secretIn(config['sync-password-file'], '--sync-password-file');

function secretIn(file: string | undefined, flag: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    return given(readFileSync(file, 'utf8').trim());
  } catch {
    throw new UsageError(`${flag} ${file} cannot be read`);
  }
}

/** The folders of --media-dir. */
export const mediaDirs = (config: Config): string[] =>
  (config['media-dir'] ?? []).map((folder) => {
    const path = absolute(folder);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
    throw new UsageError(`--media-dir ${folder} is not a folder`);
  });
