import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from './collection.ts';
import type { Request } from '../process/rpc.ts';

export interface SyncOptions {
  /** A self-hosted sync server; AnkiWeb otherwise. */
  readonly url?: string | undefined;
  readonly user?: string | undefined;
  /** Needed for the first sync; then the token will do. */
  readonly password?: string | undefined;
  /** Where the token is kept that a login gives; `sync.json` in the engine's folder otherwise. */
  readonly tokenFile?: string | undefined;
  /** What may be replaced when a full sync is due: the server's collection or this one. It holds for one sync. */
  readonly full?: 'upload' | 'download' | undefined;
}

const loginSchema = z.object({
  user: z.string(),
  url: z.string().optional(),
  hkey: z.string(),
  endpoint: z.string().optional(),
});
type Login = z.infer<typeof loginSchema>;

/** What every sync call needs. */
export type Auth = Request<'sync_media'>;

/** A user of AnkiWeb, or of another sync server. Password and token are told to that server, and to nobody else. */
export class Account {
  /** Which way a full sync may go; nobody has said so if undefined. */
  full: SyncOptions['full'];
  /** Shows what the server has to tell its user. */
  readonly log: (message: string) => void;
  readonly #options: SyncOptions;
  readonly #file: string;
  /** What no words that are shown may hold: a server could send it back. */
  readonly #secrets = new Set<string>();
  #login: Login | undefined;

  constructor(options: SyncOptions, defaultFile: string, log: (message: string) => void) {
    this.#options = options;
    this.#file = options.tokenFile ?? defaultFile;
    this.full = options.full;
    this.log = log;
    if (options.password) this.#secrets.add(options.password);
  }

  /** Words without the password and the token. */
  mask(words: string): string {
    return [...this.#secrets].reduce((text, secret) => text.replaceAll(secret, '***'), words);
  }

  /** From the last login, or from a new one. */
  async auth(collection: Collection): Promise<Auth> {
    // Who has not named an account must never sync with the one somebody else left behind.
    if (this.#options.user === undefined && this.#options.tokenFile === undefined)
      throw new AnkiRefused('sync: auth not configured');
    this.#login ??= (await this.#read()) ?? (await this.#logIn(collection));
    this.#secrets.add(this.#login.hkey);
    return { hkey: this.#login.hkey, endpoint: this.#login.endpoint, ioTimeoutSecs: 60 };
  }

  /** The server has told where it wants to be asked from now on. */
  async moved(endpoint: string): Promise<void> {
    if (this.#login) await this.#keep({ ...this.#login, endpoint });
  }

  /** The server no longer takes the token. */
  async forget(): Promise<void> {
    this.#login = undefined;
    await rm(this.#file, { force: true });
  }

  async #logIn(collection: Collection): Promise<Login> {
    const { user, password, url } = this.#options;
    if (user === undefined || password === undefined) {
      throw new AnkiRefused(
        `sync: auth not configured. There is no valid token in ${this.#file}, and a new login needs the user and the password of ${url ?? 'AnkiWeb'}.`,
      );
    }
    const request = { username: user, password, endpoint: url };
    const { hkey } = await collection.call('sync_login', request);
    return this.#keep({ user, url, hkey, endpoint: url });
  }

  async #read(): Promise<Login | undefined> {
    const { user, url } = this.#options;
    try {
      const login = loginSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
      return (user ?? login.user) === login.user && url === login.url ? login : undefined;
    } catch {
      return undefined; // not there, or not a token: a new login makes it
    }
  }

  async #keep(login: Login): Promise<Login> {
    const draft = `${this.#file}.${process.pid}`;
    await mkdir(dirname(this.#file), { recursive: true });
    await rm(draft, { force: true });
    await writeFile(draft, JSON.stringify(login), { mode: 0o600 });
    await rename(draft, this.#file);
    this.#login = login;
    return login;
  }
}
