import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

/** A mistake in how the program was started: told in one line, with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Option<T extends z.ZodType = z.ZodType> {
  readonly schema: T;
  readonly help: string;
  readonly env?: string;
  /** What stands for the value in the help; a switch has none. */
  readonly value?: string;
}

const command = z.enum(['mcp', 'serve', 'setup']);

const option = <T extends z.ZodType>(definition: Option<T>): Option<T> => definition;

const text = z.string().optional();
const words = z.array(z.string()).optional();
const folders = z.array(z.string()).optional();
const on = z.boolean().default(false);
const seconds = z.coerce.number('a number of seconds').positive('a number of seconds above 0');
const httpUrl = z.url({ protocol: /^https?$/, error: 'an http or https URL' });

/** Every option, once: parsing, --help and the README table are made from this. */
export const options = {
  url: option({
    schema: httpUrl.default('http://127.0.0.1:8765'),
    value: 'URL',
    env: 'ANKI_CONNECT_URL',
    help: 'Where Anki-Connect listens',
  }),
  'api-key': option({
    schema: text,
    value: 'KEY',
    env: 'ANKI_CONNECT_API_KEY',
    help: "Anki-Connect's key, if it has one; with serve, the key that clients have to send",
  }),
  'api-key-file': option({
    schema: text,
    value: 'PATH',
    env: 'ANKI_CONNECT_API_KEY_FILE',
    help: 'The same, in a file',
  }),
  collection: option({
    schema: text,
    value: 'PATH',
    env: 'ANKI_COLLECTION',
    help: "Work on this collection file with Anki's own engine, without the desktop",
  }),
  profile: option({
    schema: text,
    value: 'NAME',
    env: 'ANKI_PROFILE',
    help: "The profile's name; the collection's folder by default",
  }),
  toolsets: option({
    schema: words,
    value: 'NAMES',
    env: 'ANKIWRIGHT_TOOLSETS',
    help: 'Offer only these: all, core, card, deck, gui, media, misc, model, note, statistic',
  }),
  tools: option({
    schema: words,
    value: 'NAMES',
    env: 'ANKIWRIGHT_TOOLS',
    help: 'Offer these tools too (alone: only these)',
  }),
  'exclude-tools': option({
    schema: words,
    value: 'NAMES',
    env: 'ANKIWRIGHT_EXCLUDE_TOOLS',
    help: 'Never offer these tools',
  }),
  'read-only': option({
    schema: on,
    env: 'ANKIWRIGHT_READ_ONLY',
    help: 'Offer no tool that can change anything',
  }),
  confirm: option({
    schema: z.enum(['always', 'auto', 'never'], 'always, auto or never').default('auto'),
    value: 'WHEN',
    env: 'ANKIWRIGHT_CONFIRM',
    help: 'Ask the user before something is lost: auto where the client can ask, always or else refuse, never',
  }),
  backup: option({
    schema: z.enum(['auto', 'never'], 'auto or never').default('auto'),
    value: 'WHEN',
    env: 'ANKIWRIGHT_BACKUP',
    help: 'Make a backup before something is first lost: auto or never',
  }),
  'media-dir': option({
    schema: folders,
    value: 'FOLDER',
    env: 'ANKIWRIGHT_MEDIA_DIR',
    help: 'Let assistants take pictures, sounds and films from here; may be given more than once',
  }),
  timeout: option({
    schema: seconds.optional(),
    value: 'SECONDS',
    env: 'ANKIWRIGHT_TIMEOUT',
    help: 'How long to wait for an answer (default: 15 for reads, 60 for writes, 600 for sync, import, export and check)',
  }),
  idle: option({
    schema: seconds.default(60),
    value: 'SECONDS',
    env: 'ANKIWRIGHT_IDLE',
    help: 'Let go of the collection after so long without a call, so that Anki can open it',
  }),
  'sync-url': option({
    schema: httpUrl.optional(),
    value: 'URL',
    env: 'ANKI_SYNC_URL',
    help: 'Sync with this server of your own; with AnkiWeb otherwise',
  }),
  'sync-user': option({ schema: text, value: 'NAME', env: 'ANKI_SYNC_USER', help: 'Account to sync with' }),
  'sync-password-file': option({
    schema: text,
    value: 'PATH',
    env: 'ANKI_SYNC_PASSWORD_FILE',
    help: 'Its password, for the first sync (or in the environment as ANKI_SYNC_PASSWORD)',
  }),
  'sync-token-file': option({
    schema: text,
    value: 'PATH',
    env: 'ANKI_SYNC_TOKEN_FILE',
    help: 'Where the token is kept that the first sync gets',
  }),
  'sync-full': option({
    schema: z.enum(['upload', 'download'], 'upload or download').optional(),
    value: 'WAY',
    help: 'Allow one full sync: upload replaces what is on the server, download what is here',
  }),
  python: option({
    schema: text,
    value: 'PATH',
    env: 'ANKIWRIGHT_PYTHON',
    help: 'Python 3.10 or later for the engine',
  }),
  'engine-dir': option({
    schema: text,
    value: 'PATH',
    env: 'ANKIWRIGHT_ENGINE_DIR',
    help: "Where the engine is installed; the user's cache folder by default",
  }),
  bind: option({
    schema: text,
    value: 'ADDRESS',
    env: 'ANKIWRIGHT_BIND',
    help: '(serve) Where to listen; 127.0.0.1 by default',
  }),
  port: option({
    schema: z.coerce
      .number('a port')
      .int('a port')
      .min(0, 'a port')
      .max(65_535, 'a port up to 65535')
      .optional(),
    value: 'PORT',
    env: 'ANKIWRIGHT_PORT',
    help: '(serve) 8765 by default; 0 takes any that is free',
  }),
  'cors-origin': option({
    schema: words,
    value: 'ORIGINS',
    env: 'ANKIWRIGHT_CORS_ORIGIN',
    help: '(serve) Web pages that may ask, besides http://localhost; * for all',
  }),
  config: option({
    schema: text,
    value: 'PATH',
    env: 'ANKIWRIGHT_CONFIG',
    help: "(serve) Settings in a JSON file, under Anki-Connect's names; options win over them",
  }),
  'allow-unauthenticated': option({
    schema: on,
    env: 'ANKIWRIGHT_ALLOW_UNAUTHENTICATED',
    help: '(serve) Listen beyond this machine without a key',
  }),
  'max-result': option({
    schema: z.coerce
      .number('a number of KB')
      .min(1, 'at least 1 KB')
      .max(8000, 'at most 8000 KB')
      .default(16),
    value: 'KB',
    env: 'ANKIWRIGHT_MAX_RESULT',
    help: 'How long an answer may be (default: 16); longer lists are cut',
  }),
  help: option({ schema: on, help: 'Show this help' }),
  version: option({ schema: on, help: 'Show the version' }),
} as const satisfies Record<string, Option>;

type Options = typeof options;
export type Config = { readonly [K in keyof Options]: z.output<Options[K]['schema']> } & {
  readonly command: z.infer<typeof command>;
};

type Table = readonly (readonly [string, Option])[];
const table: Table = Object.entries<Option>(options);

/** Empty values and placeholders that nobody filled in, as "${API_KEY}", count as not given. */
const given = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' || /^\$\{[^}]*\}$/.test(value.trim()) ? undefined : value;

const list = (values: readonly string[], separator: string): string[] | undefined => {
  const items = values.flatMap((value) => given(value)?.split(separator) ?? []).map((item) => item.trim());
  const named = items.filter(Boolean);
  return named.length > 0 ? named : undefined;
};

const isList = (schema: z.ZodType): boolean => schema === words || schema === folders;
const isSwitch = ([, { value }]: readonly [string, Option]): boolean => value === undefined;

function fromEnvironment(definition: Option, environment: NodeJS.ProcessEnv): unknown {
  const value = given(definition.env === undefined ? undefined : environment[definition.env]);
  if (value === undefined) return undefined;
  if (definition.value === undefined) return /^(1|true|yes|on)$/i.test(value);
  if (definition.schema === folders) return list([value], delimiter);
  return isList(definition.schema) ? list([value], ',') : value;
}

/** Reads the command line and the environment; the command line wins. */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): Config {
  const { values, positionals } = parse(args);
  const wanted = command.safeParse(positionals[0] ?? 'mcp');
  if (!wanted.success || positionals.length > 1) {
    throw new UsageError(
      `unknown command "${positionals.join(' ')}": there are serve and setup, and none for MCP over stdio`,
    );
  }
  const entries = table.map(([name, definition]) => {
    const typed = values[name];
    // A folder of the command line is whole, whatever signs are in it.
    const flagged = isList(definition.schema)
      ? list(Array.isArray(typed) ? typed.map(String) : [], definition.schema === folders ? '\0' : ',')
      : typeof typed === 'string'
        ? given(typed)
        : typed;
    const parsed = definition.schema.safeParse(flagged ?? fromEnvironment(definition, environment));
    if (parsed.success) return [name, parsed.data];
    throw new UsageError(`--${name} needs ${parsed.error.issues[0]?.message ?? 'another value'}`);
  });
  // Each value has been parsed by its own option's schema.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table's types are lost in the loop
  return Object.freeze({ ...Object.fromEntries(entries), command: wanted.data }) as Config;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(
        table.map((entry) => [
          entry[0],
          {
            type: isSwitch(entry) ? ('boolean' as const) : ('string' as const),
            multiple: isList(entry[1].schema),
          },
        ]),
      ),
    });
  } catch (error) {
    throw new UsageError(
      error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error),
    );
  }
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

/** The folders of --media-dir, absolute. Clients start us without a shell, so ~ is read here. */
export const mediaDirs = (config: Config): string[] =>
  (config['media-dir'] ?? []).map((given) => {
    const folder = resolve(given.replace(/^~(?=$|[/\\])/, () => homedir()));
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
    throw new UsageError(`--media-dir ${given} is not a folder`);
  });

/** What --help prints. */
export function help(): string {
  const rows = table.map(([name, { value, help: says, env }]): [string, string] => [
    `--${name}${value === undefined ? '' : ` ${value}`}`,
    `${says}${env === undefined ? '' : ` [${env}]`}`,
  ]);
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  return [
    'ankiwright: an MCP server for Anki',
    '',
    'Usage: ankiwright [OPTIONS]         MCP over stdio, for Claude, Cursor, VS Code and others',
    '       ankiwright serve [OPTIONS]   the Anki-Connect HTTP API on a collection, without the desktop',
    "       ankiwright setup             install Anki's engine ahead of its first use",
    '',
    ...rows.map(([flag, says]) => `  ${flag.padEnd(width)}${says}`),
    '',
  ].join('\n');
}

/** README's table of options. */
export const optionTable = (): string =>
  [
    '| option | environment | |',
    '|---|---|---|',
    ...table.map(
      ([name, { value, env, help: says }]) =>
        `| \`--${name}${value === undefined ? '' : ` ${value}`}\` | ${env === undefined ? '' : `\`${env}\``} | ${says} |`,
    ),
  ].join('\n');
