import { httpUrl, kilobytes, oneOf, port, publicUrl, seconds } from './option-value.ts';

/**
 * The commands that options are for: `mcp` serves MCP over stdio, and `http` is the same command with --http.
 * The others have the name that a user types.
 */
export type CommandName =
  | 'mcp'
  | 'http'
  | 'serve'
  | 'sync'
  | 'grants'
  | 'setup'
  | 'install'
  | 'uninstall'
  | 'doctor';

export interface Option {
  /** The commands that accept the option. Typed for another command, it is refused. */
  readonly for: readonly CommandName[];
  readonly help: string;
  /** The environment variable that sets the option. `readConfig` accepts it for every command. */
  readonly env?: string;
  /** The placeholder for the value in the help. Options without it are flags. */
  readonly value?: string;
  /** Parses the value, or throws `WrongValue`; without it any text is accepted. */
  readonly parse?: (text: string) => unknown;
  /** The option can be repeated. Names are also separated by commas; folders, in the environment, as in PATH. */
  readonly list?: 'names' | 'folders';
  readonly default?: string | number;
  /** The option limits what clients may do: a server that cannot apply it does not start, wherever the option was set. */
  readonly restricts?: true;
  /** The option allows something once, so it must not get into a configuration that starts the server again and again. */
  readonly once?: true;
  /** What the option works on. Typed for MCP without it, the option is refused. */
  readonly needs?: keyof typeof needs;
}

interface Chosen {
  readonly collection?: unknown;
  readonly profile?: unknown;
  readonly 'public-url'?: unknown;
}

/** What options work on: if the other options choose it, and what is said if they do not. */
export const needs = {
  engine: {
    isChosen: ({ collection, profile }: Chosen) => collection !== undefined || profile !== undefined,
    missing: 'without --collection or --profile: it is for collections that ankiwright opens itself',
  },
  desktop: {
    isChosen: ({ collection }: Chosen) => collection === undefined,
    missing: 'with --collection: it is for a running Anki',
  },
  profile: {
    isChosen: ({ collection, profile }: Chosen) => collection === undefined && profile !== undefined,
    missing: 'without --profile, or with --collection',
  },
  publicUrl: {
    isChosen: ({ 'public-url': url }: Chosen) => url !== undefined,
    missing: 'without --public-url',
  },
} as const;

/** doctor accepts the options of the server that it examines, so that they can be repeated unchanged. */
const mcp = ['mcp', 'http', 'install', 'doctor'] as const;
const anyServer = ['mcp', 'http', 'serve', 'install', 'doctor'] as const;
const account = [...anyServer, 'sync'] as const;
const engine = [...account, 'setup'] as const;
const listening = ['http', 'serve'] as const;
const every = ['mcp', 'http', 'serve', 'sync', 'grants', 'setup', 'install', 'uninstall', 'doctor'] as const;

const names = { value: 'NAMES', list: 'names' } as const;
const path = { value: 'PATH' } as const;

/** All options. Parsing, refusals, --help and the table in the documentation are derived from this. */
export const options = {
  url: {
    for: mcp,
    needs: 'desktop',
    value: 'URL',
    parse: httpUrl(':8765'),
    default: 'http://127.0.0.1:8765',
    env: 'ANKI_CONNECT_URL',
    help: "Anki-Connect's address",
  },
  'api-key': {
    for: anyServer,
    needs: 'desktop',
    value: 'KEY',
    env: 'ANKI_CONNECT_API_KEY',
    help: "Anki-Connect's API key, if it has one; with serve, the key that clients must send",
  },
  'api-key-file': {
    for: anyServer,
    needs: 'desktop',
    ...path,
    env: 'ANKI_CONNECT_API_KEY_FILE',
    help: 'A file that contains this key',
  },
  collection: {
    for: account,
    ...path,
    env: 'ANKI_COLLECTION',
    help: "Open this collection file with Anki's own engine, without the desktop",
  },
  profile: {
    for: account,
    value: 'NAME',
    env: 'ANKI_PROFILE',
    help: "Use this profile: through Anki while Anki is open, with Anki's engine on its collection while Anki is closed. With --collection, only the profile's name",
  },
  'anki-base': {
    for: [...mcp, 'sync'],
    needs: 'profile',
    value: 'FOLDER',
    env: 'ANKI_BASE',
    help: "Anki's data folder, which contains the profiles (default: Anki's own default)",
  },
  toolsets: {
    for: mcp,
    restricts: true,
    ...names,
    env: 'ANKIWRIGHT_TOOLSETS',
    help: 'Offer only these toolsets: all, core, card, deck, gui, media, misc, model, note, statistic',
  },
  tools: {
    for: mcp,
    restricts: true,
    ...names,
    env: 'ANKIWRIGHT_TOOLS',
    help: 'Also offer these tools (without --toolsets: only these)',
  },
  'exclude-tools': {
    for: mcp,
    restricts: true,
    ...names,
    env: 'ANKIWRIGHT_EXCLUDE_TOOLS',
    help: 'Never offer these tools',
  },
  'read-only': {
    for: mcp,
    restricts: true,
    env: 'ANKIWRIGHT_READ_ONLY',
    help: 'Offer no tool that can change anything, and create no collection',
  },
  confirm: {
    for: mcp,
    value: 'WHEN',
    parse: oneOf('always', 'auto', 'never'),
    default: 'auto',
    env: 'ANKIWRIGHT_CONFIRM',
    help: 'Ask the user before data is lost: auto (if the client can ask), always (refuse if it cannot ask) or never',
  },
  backup: {
    for: [...mcp, 'sync'],
    value: 'WHEN',
    parse: oneOf('auto', 'never'),
    default: 'auto',
    env: 'ANKIWRIGHT_BACKUP',
    help: 'Make a backup before data is lost that no backup of this run contains: auto or never. With never, a full download loses the local collection',
  },
  'allow-dir': {
    for: mcp,
    value: 'FOLDER',
    list: 'folders',
    env: 'ANKIWRIGHT_ALLOW_DIR',
    help: 'Let tools read files below this folder (media, packages, text files) without a question; can be repeated',
  },
  'media-dir': {
    for: mcp,
    value: 'FOLDER',
    list: 'folders',
    env: 'ANKIWRIGHT_MEDIA_DIR',
    help: 'The former name of --allow-dir',
  },
  'max-result': {
    for: mcp,
    value: 'KB',
    parse: kilobytes,
    default: 16,
    env: 'ANKIWRIGHT_MAX_RESULT',
    help: 'Maximum size of a result (default: 16); longer lists are cut',
  },
  timeout: {
    for: mcp,
    needs: 'desktop',
    value: 'SECONDS',
    parse: seconds,
    env: 'ANKIWRIGHT_TIMEOUT',
    help: 'How long to wait for a reply from Anki-Connect (default: 15 for reads, 60 for writes, 600 for sync, import, export and check)',
  },
  idle: {
    for: anyServer,
    needs: 'engine',
    value: 'SECONDS',
    parse: seconds,
    env: 'ANKIWRIGHT_IDLE',
    help: 'Close the collection after this time without a call, so that Anki can open it (default: 60, or 10 with --profile alone; 600, or 60, while there is something to undo)',
  },
  sync: {
    for: anyServer,
    needs: 'engine',
    value: 'WHEN',
    parse: oneOf('auto', 'manual'),
    env: 'ANKIWRIGHT_SYNC',
    help: 'auto: sync before a call if the last sync is older than 2 minutes, 30 seconds after the last change, and at the end; manual: only by the action sync (default: auto with --public-url and an account, otherwise manual)',
  },
  'sync-url': {
    for: account,
    needs: 'engine',
    value: 'URL',
    parse: httpUrl(),
    env: 'ANKI_SYNC_URL',
    help: 'Your own sync server (default: AnkiWeb)',
  },
  'sync-user': {
    for: account,
    needs: 'engine',
    value: 'NAME',
    env: 'ANKI_SYNC_USER',
    help: 'User name of the sync account',
  },
  'sync-password-file': {
    for: account,
    needs: 'engine',
    ...path,
    env: 'ANKI_SYNC_PASSWORD_FILE',
    help: 'A file that contains its password, for the first sync (or set ANKI_SYNC_PASSWORD)',
  },
  'sync-token-file': {
    for: account,
    needs: 'engine',
    ...path,
    env: 'ANKI_SYNC_TOKEN_FILE',
    help: 'Where to store the token that the first sync returns (default: NAME.ankiwright-sync.json next to the collection)',
  },
  'sync-full': {
    for: ['mcp', 'http', 'serve', 'doctor', 'sync'],
    once: true,
    needs: 'engine',
    value: 'DIRECTION',
    parse: oneOf('upload', 'download', 'download-if-empty'),
    help: 'Allow one full sync: upload replaces the collection on the server, download replaces the local one, after a backup (none with --backup never); download-if-empty only a local one without cards, also in an automatic sync',
  },
  python: {
    for: engine,
    needs: 'engine',
    ...path,
    env: 'ANKIWRIGHT_PYTHON',
    help: 'Python 3.10 or later for the engine',
  },
  'engine-dir': {
    for: engine,
    needs: 'engine',
    ...path,
    env: 'ANKIWRIGHT_ENGINE_DIR',
    help: "Where the engine is installed (default: the user's cache folder)",
  },
  http: { for: ['http'], env: 'ANKIWRIGHT_HTTP', help: 'Serve MCP over HTTP instead of stdio' },
  'token-file': {
    for: ['http', 'grants'],
    ...path,
    env: 'ANKIWRIGHT_TOKEN_FILE',
    help: 'A file with the token that clients must send; created if it does not exist',
  },
  'public-url': {
    for: ['http', 'doctor'],
    value: 'URL',
    parse: publicUrl,
    env: 'ANKIWRIGHT_PUBLIC_URL',
    help: 'The https address at which clients reach the server through a proxy: lets them log in with OAuth, for example from claude.ai',
  },
  'owner-password-file': {
    for: ['http', 'grants'],
    needs: 'publicUrl',
    ...path,
    env: 'ANKIWRIGHT_OWNER_PASSWORD_FILE',
    help: 'A file with the password with which you allow a client (at least 12 characters; default: the token of --token-file)',
  },
  'grants-file': {
    for: ['http', 'grants'],
    needs: 'publicUrl',
    ...path,
    env: 'ANKIWRIGHT_GRANTS_FILE',
    help: 'Where to store which clients have access (default: grants.json next to the token file or the password file)',
  },
  'allow-host': {
    for: ['http'],
    ...names,
    env: 'ANKIWRIGHT_ALLOW_HOST',
    help: 'Host names that clients may use, in addition to localhost',
  },
  bind: {
    for: listening,
    value: 'ADDRESS',
    env: 'ANKIWRIGHT_BIND',
    help: 'Address to listen on (default: 127.0.0.1)',
  },
  port: {
    for: listening,
    value: 'PORT',
    parse: port,
    env: 'ANKIWRIGHT_PORT',
    help: 'Port to listen on (default: 8765 for serve, 3141 for --http); 0 chooses a free port',
  },
  'cors-origin': {
    for: listening,
    value: 'ORIGINS',
    list: 'names',
    env: 'ANKIWRIGHT_CORS_ORIGIN',
    help: 'Origins of web pages that may send requests, in addition to http://localhost; with serve, * allows all',
  },
  config: {
    for: ['serve'],
    ...path,
    env: 'ANKIWRIGHT_CONFIG',
    help: "A JSON file with Anki-Connect's own settings; options override them",
  },
  'allow-unauthenticated': {
    for: ['serve'],
    env: 'ANKIWRIGHT_ALLOW_UNAUTHENTICATED',
    help: 'Allow listening beyond this machine without a key',
  },
  name: {
    for: ['install', 'uninstall'],
    value: 'NAME',
    default: 'anki',
    help: "Name of the server in the client's configuration (default: anki)",
  },
  all: { for: ['install'], help: 'Install for every client that is found on this computer' },
  fresh: {
    for: ['install'],
    help: 'Write only the typed options; otherwise, the options that the entry already has are kept',
  },
  'dry-run': { for: ['install', 'uninstall'], help: 'Print the changes without making them' },
  print: { for: ['install'], help: "Print the entry for the client's configuration without changing it" },
  fix: {
    for: ['doctor'],
    help: "Show and make the safe corrections: the engine, and the program, address and key in the clients' entries",
  },
  json: { for: ['doctor'], help: 'Print the results as JSON' },
  help: { for: every, help: 'Show the help; of a command, its options; with --all, all options' },
  version: { for: every, help: 'Show the version' },
} as const satisfies Record<string, Option>;

type Options = typeof options;
type Parsed<O> = O extends { parse: (text: string) => infer T }
  ? T
  : O extends { list: unknown }
    ? readonly string[]
    : string;
type Value<O> = O extends { value: unknown }
  ? Parsed<O> | (O extends { default: unknown } ? never : undefined)
  : boolean;

/** The value of each option, or its default. */
export type OptionValues = { readonly [K in keyof Options]: Value<Options[K]> };

export type OptionTable = readonly (readonly [string, Option])[];
export const optionTable: OptionTable = Object.entries<Option>(options);

/** Returns an option as a user types it, with the placeholder for its value. */
export const flagOf = ([name, { value }]: readonly [string, Option]): string =>
  `--${name}${value === undefined ? '' : ` ${value}`}`;

const labels: Readonly<Partial<Record<CommandName, string>>> = {
  mcp: 'MCP over stdio',
  http: 'MCP over HTTP',
};

/** Returns the name of a command for help texts and error messages. */
export const commandLabel = (name: CommandName): string => labels[name] ?? name;

/** Returns the names of several commands for help texts and error messages. */
export function commandLabels(commands: readonly CommandName[]): string {
  if (every.every((name) => commands.includes(name))) return 'every command';
  const [first, second, ...others] = commands;
  const isMcp = first === 'mcp' && second === 'http';
  return (isMcp ? ['MCP', ...others] : commands.map(commandLabel)).join(', ');
}
