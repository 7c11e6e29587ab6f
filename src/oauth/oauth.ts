import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { messageOf } from '../lib/error.ts';
import { bearer, type Access, type Caller, type Refusal } from './access.ts';
import { addressesOf, paths, type Addresses } from './addresses.ts';
import { Consent } from './consent.ts';
import { allScopes, writeScope } from './documents.ts';
import { Endpoints } from './endpoints.ts';
import { Owner } from './owner.ts';
import { createProvider, lifetimes as defaultLifetimes } from './provider.ts';
import { keyOf } from './rows.ts';
import { Store } from './store.ts';

export interface OAuthOptions {
  readonly publicUrl: string;
  readonly ownerPassword: string;
  readonly grantsFile: string;
  readonly log: (message: string) => void;
  /** For tests. */
  readonly lifetimes?: Partial<typeof defaultLifetimes>;
  readonly fetch?: typeof fetch;
}

/** An authorization server for one owner, and the check of its tokens. */
export class OAuth implements Access {
  readonly endpoint: string;
  readonly #addresses: Addresses;
  readonly #store: Store;
  readonly #provider: Provider;
  readonly #endpoints: Endpoints;
  readonly #log: (message: string) => void;
  /** What was logged last about the grants file: strangers may repeat requests. */
  #logged: string | undefined;

  /** Starts OAuth. Throws if the grants file cannot be used. */
  static async start(options: OAuthOptions): Promise<OAuth> {
    try {
      const oauth = new OAuth(options);
      await oauth.#store.change(() => {});
      oauth.#store.watch(options.log);
      return oauth;
    } catch (cause) {
      throw new Error(`Cannot use the grants file ${options.grantsFile}: ${messageOf(cause)}`, { cause });
    }
  }

  private constructor({
    publicUrl,
    ownerPassword,
    grantsFile,
    log,
    lifetimes,
    fetch: fetchUrl = fetch,
  }: OAuthOptions) {
    const addresses = addressesOf(publicUrl);
    const store = new Store(grantsFile);
    const ttl = { ...defaultLifetimes, ...lifetimes };
    const provider = createProvider({ addresses, store, log, lifetimes: ttl, fetch: fetchUrl });
    this.#log = log;
    this.endpoint = addresses.prefix + paths.mcp;
    this.#addresses = addresses;
    this.#store = store;
    this.#provider = provider;
    const consent = new Consent({ provider, addresses, store, owner: new Owner(ownerPassword, log), log });
    const problem = () => this.#problem();
    this.#endpoints = new Endpoints({ addresses, provider, consent, problem });
  }

  onEnd(listener: (callerId: string) => void): void {
    this.#store.onEnd(listener);
  }

  async identify({ headersDistinct }: IncomingMessage): Promise<Caller | Refusal> {
    const problem = this.#problem();
    if (problem !== undefined) return { status: 503, message: problem, headers: {} };
    const [authorization, ...more] = headersDistinct['authorization'] ?? [];
    if (authorization === undefined) return this.#unauthorized('Log in with OAuth, or send a token.');
    const [, sent = ''] = bearer.exec(authorization) ?? [];
    const token = more.length > 0 ? undefined : await this.#provider.AccessToken.find(sent);
    const grantId = token?.grantId ?? '';
    const isValid = token?.aud === this.#addresses.resource && (await this.#provider.Grant.find(grantId));
    if (!token || !isValid)
      return this.#unauthorized('The token is invalid, expired or revoked.', 'invalid_token');
    return { id: keyOf(grantId), readOnly: !token.scopes.has(writeScope) };
  }

  /** Returns the message for clients if the grants file cannot be read. The log has the reason. */
  #problem(): string | undefined {
    let reason: string | undefined;
    try {
      this.#store.rows();
    } catch (error) {
      reason = messageOf(error);
    }
    if (reason !== this.#logged && reason !== undefined) this.#log(reason);
    this.#logged = reason;
    return reason && unreadableGrants;
  }

  #unauthorized(message: string, error?: string): Refusal {
    return { status: 401, message, headers: this.#challenge(error) };
  }

  insufficientScope(): Refusal {
    const message = 'The owner has allowed this client only to read.';
    return { status: 403, message, headers: this.#challenge('insufficient_scope') };
  }

  #challenge(error?: string): Record<string, string> {
    const values = {
      ...(error !== undefined && { error }),
      resource_metadata: this.#addresses.resourceMetadata,
      scope: allScopes.join(' '),
    };
    const list = Object.entries(values).map(([name, value]) => `${name}="${value}"`);
    return { 'WWW-Authenticate': `Bearer ${list.join(', ')}`, 'Cache-Control': 'no-store' };
  }

  respond(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    return this.#endpoints.respond(request, response);
  }
}

/** Without the path, which strangers need not know. */
const unreadableGrants =
  'The server cannot read its file of grants, so it lets nobody in. Its owner: the server\'s log, and the command "ankiwright grants", name the file and say what to do.';
