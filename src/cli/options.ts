import { z } from 'zod';

export interface Option {
  readonly help: string;
  readonly env?: string;
  /** What stands for the value in the help; a switch has none. */
  readonly value?: string;
  /** What the value has to be, where any text will not do. Made when one is given: a client that connects does not wait for it. */
  readonly schema?: () => z.ZodType;
  /** Given more than once, and in the environment several at once: words by commas, folders as in PATH. */
  readonly list?: 'words' | 'folders';
  readonly default?: string | number;
}

const seconds = () => z.coerce.number('a number of seconds').positive('a number of seconds above 0');
const httpUrl = () => z.url({ protocol: /^https?$/, error: 'an http or https URL' });
const port = () => z.coerce.number('a port').int('a port').min(0, 'a port').max(65_535, 'a port up to 65535');
const kilobytes = () =>
  z.coerce.number('a number of KB').min(1, 'at least 1 KB').max(3000, 'at most 3000 KB');
const words = { value: 'NAMES', list: 'words' } as const;
const path = { value: 'PATH' } as const;

/** Every option, once: parsing, --help and the README table are made from this. */
export const options = {
  url: {
    value: 'URL',
    schema: httpUrl,
    default: 'http://127.0.0.1:8765',
    env: 'ANKI_CONNECT_URL',
    help: 'Where Anki-Connect listens',
  },
  'api-key': {
    value: 'KEY',
    env: 'ANKI_CONNECT_API_KEY',
    help: "Anki-Connect's key, if it has one; with serve, the key that clients have to send",
  },
  'api-key-file': { ...path, env: 'ANKI_CONNECT_API_KEY_FILE', help: 'The same, in a file' },
  collection: {
    ...path,
    env: 'ANKI_COLLECTION',
    help: "Work on this collection file with Anki's own engine, without the desktop",
  },
  profile: {
    value: 'NAME',
    env: 'ANKI_PROFILE',
    help: "Work on this profile: through Anki while it is open, on its collection with Anki's engine while it is closed. With --collection, only the profile's name",
  },
  'anki-base': {
    value: 'FOLDER',
    env: 'ANKI_BASE',
    help: "Anki's data folder, which holds the profiles; where Anki keeps it by default",
  },
  toolsets: {
    ...words,
    env: 'ANKIWRIGHT_TOOLSETS',
    help: 'Offer only these: all, core, card, deck, gui, media, misc, model, note, statistic',
  },
  tools: { ...words, env: 'ANKIWRIGHT_TOOLS', help: 'Offer these tools too (alone: only these)' },
  'exclude-tools': { ...words, env: 'ANKIWRIGHT_EXCLUDE_TOOLS', help: 'Never offer these tools' },
  'read-only': { env: 'ANKIWRIGHT_READ_ONLY', help: 'Offer no tool that can change anything' },
  confirm: {
    value: 'WHEN',
    schema: () => z.enum(['always', 'auto', 'never'], 'always, auto or never'),
    default: 'auto',
    env: 'ANKIWRIGHT_CONFIRM',
    help: 'Ask the user before something is lost: auto where the client can ask, always or else refuse, never',
  },
  backup: {
    value: 'WHEN',
    schema: () => z.enum(['auto', 'never'], 'auto or never'),
    default: 'auto',
    env: 'ANKIWRIGHT_BACKUP',
    help: 'Make a backup before something is first lost: auto or never',
  },
  'media-dir': {
    value: 'FOLDER',
    list: 'folders',
    env: 'ANKIWRIGHT_MEDIA_DIR',
    help: 'Let assistants take pictures, sounds and films from here; may be given more than once',
  },
  'max-result': {
    value: 'KB',
    schema: kilobytes,
    default: 16,
    env: 'ANKIWRIGHT_MAX_RESULT',
    help: 'How long an answer may be (default: 16); longer lists are cut',
  },
  timeout: {
    value: 'SECONDS',
    schema: seconds,
    env: 'ANKIWRIGHT_TIMEOUT',
    help: 'How long to wait for an answer (default: 15 for reads, 60 for writes, 600 for sync, import, export and check)',
  },
  idle: {
    value: 'SECONDS',
    schema: seconds,
    env: 'ANKIWRIGHT_IDLE',
    help: 'Let go of the collection after so long without a call, so that Anki can open it (default: 60, or 10 with --profile alone)',
  },
  'sync-url': {
    value: 'URL',
    schema: httpUrl,
    env: 'ANKI_SYNC_URL',
    help: 'Sync with this server of your own; with AnkiWeb otherwise',
  },
  'sync-user': { value: 'NAME', env: 'ANKI_SYNC_USER', help: 'Account to sync with' },
  'sync-password-file': {
    ...path,
    env: 'ANKI_SYNC_PASSWORD_FILE',
    help: 'Its password, for the first sync (or in the environment as ANKI_SYNC_PASSWORD)',
  },
  'sync-token-file': {
    ...path,
    env: 'ANKI_SYNC_TOKEN_FILE',
    help: 'Where the token is kept that the first sync gets',
  },
  'sync-full': {
    value: 'WAY',
    schema: () => z.enum(['upload', 'download'], 'upload or download'),
    help: 'Allow one full sync: upload replaces what is on the server, download what is here',
  },
  python: { ...path, env: 'ANKIWRIGHT_PYTHON', help: 'Python 3.10 or later for the engine' },
  'engine-dir': {
    ...path,
    env: 'ANKIWRIGHT_ENGINE_DIR',
    help: "Where the engine is installed; the user's cache folder by default",
  },
  http: { env: 'ANKIWRIGHT_HTTP', help: 'Speak MCP over HTTP instead of stdio' },
  'token-file': {
    ...path,
    env: 'ANKIWRIGHT_TOKEN_FILE',
    help: '(--http) The token that clients have to send; made if the file is not there',
  },
  'allow-host': {
    ...words,
    env: 'ANKIWRIGHT_ALLOW_HOST',
    help: '(--http) Names under which clients may reach it, besides localhost',
  },
  bind: {
    value: 'ADDRESS',
    env: 'ANKIWRIGHT_BIND',
    help: '(serve, --http) Where to listen; 127.0.0.1 by default',
  },
  port: {
    value: 'PORT',
    schema: port,
    env: 'ANKIWRIGHT_PORT',
    help: '(serve, --http) 8765 by default, 3141 for --http; 0 takes any that is free',
  },
  'cors-origin': {
    value: 'ORIGINS',
    list: 'words',
    env: 'ANKIWRIGHT_CORS_ORIGIN',
    help: '(serve, --http) Web pages that may ask, besides http://localhost; with serve, * for all',
  },
  config: {
    ...path,
    env: 'ANKIWRIGHT_CONFIG',
    help: "(serve) Settings in a JSON file, under Anki-Connect's names; options win over them",
  },
  'allow-unauthenticated': {
    env: 'ANKIWRIGHT_ALLOW_UNAUTHENTICATED',
    help: '(serve) Listen beyond this machine without a key',
  },
  name: {
    value: 'NAME',
    default: 'anki',
    help: '(install) What the client calls the server; anki by default',
  },
  'dry-run': { help: '(install) Tell what would be changed, and change nothing' },
  print: { help: "(install) Print the entry for the client's configuration, and change nothing" },
  json: { help: '(doctor) Print the findings as JSON' },
  help: { help: 'Show this help' },
  version: { help: 'Show the version' },
} as const satisfies Record<string, Option>;

/** Those that say what to do now, and not how a server is to be started. */
export const passingOptions: readonly string[] = ['name', 'dry-run', 'print', 'json', 'help', 'version'];

/** Those of a server that listens, which no client starts. */
export const listeningOptions: readonly string[] = [
  'http',
  'token-file',
  'allow-host',
  'bind',
  'port',
  'cors-origin',
  'config',
  'allow-unauthenticated',
];

type Options = typeof options;
type Given<O> = O extends { schema: () => infer S extends z.ZodType }
  ? z.output<S>
  : O extends { list: unknown }
    ? readonly string[]
    : string;
type Value<O> = O extends { value: unknown }
  ? Given<O> | (O extends { default: unknown } ? never : undefined)
  : boolean;

/** What was given for each option, or its default. */
export type OptionValues = { readonly [K in keyof Options]: Value<Options[K]> };

export type OptionTable = readonly (readonly [string, Option])[];
export const optionTable: OptionTable = Object.entries<Option>(options);
