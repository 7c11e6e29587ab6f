import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from './collection.ts';
import type { TokenFiles } from './token-files.ts';
import type { RpcRequest } from '../process/rpc.ts';

/**
 * The collection that a due full sync may replace: the one on the server (upload) or this one (download), once; or this one
 * if it has no cards, which may also happen in an automatic sync.
 */
export type FullSync = 'upload' | 'download' | 'download-if-empty';

/** When to sync, in milliseconds. */
export interface SyncTimes {
  /** A call is preceded by a sync if the last one is older. */
  readonly stale: number;
  /** How long calls wait for a sync. */
  readonly wait: number;
  /** Delay after the last change: a sync that sends something empties Anki's undo list. */
  readonly quiet: number;
  /** Longest delay after the first change. */
  readonly atMost: number;
  /** How long the last sync before the end of the process may take. */
  readonly last: number;
  /** First delay after a failure; it doubles with each further one. */
  readonly retry: number;
  readonly maxRetry: number;
}

/** Sync server and account, from the command line. */
export interface SyncOptions {
  /** URL of a self-hosted sync server; AnkiWeb by default. */
  readonly url?: string | undefined;
  /** User name on the server. Without it, only `tokenFile` can authorize a sync. */
  readonly user?: string | undefined;
  /** Needed for the first sync only; later the token is enough. */
  readonly password?: string | undefined;
  /** File for the login token; by default one next to the collection. */
  readonly tokenFile?: string | undefined;
  /** What a due full sync may replace. */
  readonly full?: FullSync | undefined;
  /** Syncs without being asked, at these times; undefined: only by the action `sync`. */
  readonly auto?: Partial<SyncTimes> | undefined;
  /** False if a full download may replace this collection without a backup. */
  readonly backup?: boolean | undefined;
}

/** Advice for a sync without an account. */
const setAccount =
  "Set the account in the server's settings: --sync-user NAME, --sync-password-file PATH, and --sync-url URL if the server is not AnkiWeb.";

const loginSchema = z.object({
  user: z.string(),
  url: z.string().optional(),
  hkey: z.string(),
  endpoint: z.string().optional(),
});
type Login = z.infer<typeof loginSchema>;

/** Credentials of every sync call. */
export type Auth = RpcRequest<'sync_media'>;

/** A user of AnkiWeb or another sync server. Password and token are sent to that server only. */
export class Account {
  /** Allowed full sync; undefined if the user allowed none, or it was carried out. */
  full: FullSync | undefined;
  /** The last sync of the collection: its time, and the same by `performance.now()`. */
  lastSync: { readonly at: Date; readonly clock: number } | undefined;
  /** False if a full download may replace this collection without a backup. */
  readonly backsUp: boolean;
  /** Receives messages of the server to its user. */
  readonly log: (message: string) => void;
  readonly #options: SyncOptions;
  readonly #file: string;
  /** Older files that are read if there is no token yet. */
  #oldFiles: readonly string[];
  /** Texts to mask in messages, because a server could send them back. */
  readonly #secrets = new Set<string>();
  #login: Login | undefined;

  constructor(options: SyncOptions, defaults: TokenFiles, log: (message: string) => void) {
    this.#options = options;
    this.#file = options.tokenFile ?? defaults.own;
    this.#oldFiles = options.tokenFile === undefined ? defaults.old : [];
    this.full = options.full;
    this.backsUp = options.backup ?? true;
    this.log = log;
    if (options.password) this.#secrets.add(options.password);
  }

  /** Call it when the collection was synced. */
  synced(): void {
    this.lastSync = { at: new Date(), clock: performance.now() };
  }

  /** Returns a text without the password and the token. */
  mask(message: string): string {
    return [...this.#secrets].reduce((text, secret) => text.replaceAll(secret, '***'), message);
  }

  /** Throws AnkiRefused, with the options that set the account, if there is none. */
  require(): void {
    if (!this.#isSet) throw new AnkiRefused(`sync: auth not configured. ${setAccount}`);
  }

  get #isSet(): boolean {
    return this.#options.user !== undefined || this.#options.tokenFile !== undefined;
  }

  /** Returns the credentials of the last login, or logs in. Throws AnkiRefused. */
  async auth(collection: Collection): Promise<Auth> {
    // Without a configured account, a token that somebody else stored must not be used.
    if (!this.#isSet) throw new AnkiRefused('sync: auth not configured');
    this.#login ??= (await this.#read()) ?? (await this.#logIn(collection));
    this.#secrets.add(this.#login.hkey);
    return { hkey: this.#login.hkey, endpoint: this.#login.endpoint, ioTimeoutSecs: 60 };
  }

  /** Stores the endpoint to which the server redirects all later syncs. */
  async setEndpoint(endpoint: string): Promise<void> {
    if (this.#login) await this.#store({ ...this.#login, endpoint });
  }

  /** Deletes a token that the server no longer accepts. */
  async forget(): Promise<void> {
    this.#login = undefined;
    this.#oldFiles = [];
    await rm(this.#file, { force: true });
  }

  async #logIn(collection: Collection): Promise<Login> {
    const { user, password, url } = this.#options;
    if (user === undefined || password === undefined) {
      throw new AnkiRefused(
        `sync: auth not configured. There is no valid token in ${this.#file}, and a new login needs the user and the password of ${url ?? 'AnkiWeb'}. ${setAccount}`,
      );
    }
    const request = { username: user, password, endpoint: url };
    const { hkey } = await collection.call('sync_login', request);
    return this.#store({ user, url, hkey, endpoint: url });
  }

  async #read(): Promise<Login | undefined> {
    const login = await this.#readFrom(this.#file);
    if (login) return login;
    for (const file of this.#oldFiles) {
      const old = await this.#readFrom(file);
      if (old) return this.#store(old);
    }
    return undefined;
  }

  /** Returns the login in a file, unless it is of another account. */
  async #readFrom(file: string): Promise<Login | undefined> {
    const { user, url } = this.#options;
    try {
      const login = loginSchema.parse(JSON.parse(await readFile(file, 'utf8')));
      return (user ?? login.user) === login.user && url === login.url ? login : undefined;
    } catch {
      return undefined; // missing or invalid: a new login creates it
    }
  }

  async #store(login: Login): Promise<Login> {
    const draft = `${this.#file}.${process.pid}`;
    await mkdir(dirname(this.#file), { recursive: true });
    await rm(draft, { force: true });
    await writeFile(draft, JSON.stringify(login), { mode: 0o600 });
    await rename(draft, this.#file);
    this.#login = login;
    return login;
  }
}
