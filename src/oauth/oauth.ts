import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { messageOf } from '../lib/error.ts';
import type { Access, Caller, Refusal } from './access.ts';
import { addressesOf, canonicalResource, paths, withoutPrefix, type Addresses } from './addresses.ts';
import { bodyText } from './body.ts';
import { clientMetadata, RegistrationRate } from './client-metadata.ts';
import { Consent } from './consent.ts';
import { allScopes, documentAt, readScope, writeScope } from './documents.ts';
import { Owner } from './owner.ts';
import { createProvider, lifetimes as defaultLifetimes } from './provider.ts';
import { replayed } from './replay.ts';
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

/** Clients that ignore the addresses in the metadata append these to the host. */
const aliases: Readonly<Record<string, string>> = {
  '/authorize': paths.authorize,
  '/token': paths.token,
  '/register': paths.register,
};

/** Parameters of an authorization request that have a meaning here. Others, such as `prompt`, only cause errors. */
const parameters = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'code_challenge',
  'code_challenge_method',
];

/** Longest query of an authorization request, which is kept in memory until the owner decides. */
const maxQuery = 4096;

const bearer = /^Bearer +(\S+)$/i;
const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'WWW-Authenticate',
};
const preflight = {
  ...corsHeaders,
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, Accept, Mcp-Protocol-Version',
  'Access-Control-Max-Age': '600',
};

/** An authorization server for one owner, and the check of its tokens. */
export class OAuth implements Access {
  readonly endpoint: string;
  readonly #addresses: Addresses;
  readonly #store: Store;
  readonly #provider: Provider;
  readonly #handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly #consent: Consent;
  readonly #registrations = new RegistrationRate();

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
    this.endpoint = addresses.prefix + paths.mcp;
    this.#addresses = addresses;
    this.#store = store;
    this.#provider = provider;
    this.#handle = provider.callback();
    this.#consent = new Consent({ provider, addresses, store, owner: new Owner(ownerPassword, log) });
  }

  onEnd(listener: (callerId: string) => void): void {
    this.#store.onEnd(listener);
  }

  async identify({ headersDistinct }: IncomingMessage): Promise<Caller | Refusal> {
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

  async respond(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
    const document = documentAt(path, this.#addresses);
    if (document !== undefined) sendDocument(request, response, document);
    else {
      const own = withoutPrefix(path, this.#addresses);
      const endpoint = aliases[own] ?? own;
      if (!endpoint.startsWith('/oauth/')) return false;
      if (endpoint.startsWith(`${paths.consent}/`)) await this.#consent.respond(request, response, endpoint);
      else await this.#serve(request, response, endpoint, query);
    }
    return true;
  }

  /** Passes a request on to oidc-provider, with the parameters that it should see. */
  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: string,
  ): Promise<void> {
    const isPage = path.startsWith(paths.authorize);
    if (!isPage && request.method === 'OPTIONS') return void response.writeHead(204, preflight).end();
    if (!isPage) for (const [name, value] of Object.entries(corsHeaders)) response.setHeader(name, value);
    if (query.length > maxQuery) return sendError(response, 414, 'invalid_request', 'The query is too long.');
    const body = await bodyText(request);
    if (body === undefined) return sendError(response, 413, 'invalid_request', 'The body is too large.');
    if (path === paths.register && request.method === 'POST') return this.#register(request, response, body);
    const search = path === paths.authorize ? `?${this.#authorization(new URLSearchParams(query))}` : '';
    const sent = path === paths.token ? this.#withResource(new URLSearchParams(body)) : body;
    await this.#handle(replayed(request, this.#addresses, { path: path + search, body: sent }), response);
  }

  async #register(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const metadata = clientMetadata(jsonOf(body));
    if (metadata === undefined) {
      return sendError(response, 400, 'invalid_client_metadata', 'Send a JSON object with redirect_uris.');
    }
    if (!this.#registrations.allows()) {
      response.setHeader('Retry-After', '60');
      return sendError(response, 429, 'temporarily_unavailable', 'Too many registrations. Try again later.');
    }
    const json = { path: paths.register, body: JSON.stringify(metadata), contentType: 'application/json' };
    await this.#handle(replayed(request, this.#addresses, json), response);
  }

  #authorization(query: URLSearchParams): string {
    const kept = new URLSearchParams();
    for (const name of [...parameters, 'resource'])
      for (const value of query.getAll(name)) kept.append(name, value);
    const asked = query.getAll('scope').flatMap((scope) => scope.split(' '));
    const isReading = asked.includes(readScope) && !asked.includes(writeScope);
    kept.set('scope', isReading ? readScope : allScopes.join(' '));
    return this.#withResource(kept);
  }

  #withResource(values: URLSearchParams): string {
    const resources = values
      .getAll('resource')
      .map((resource) => canonicalResource(resource, this.#addresses));
    values.delete('resource');
    for (const resource of new Set(resources)) values.append('resource', resource);
    return values.toString();
  }
}

function sendDocument({ method }: IncomingMessage, response: ServerResponse, document: object): void {
  if (method === 'OPTIONS') return void response.writeHead(204, preflight).end();
  const isRead = method === 'GET' || method === 'HEAD';
  if (!isRead) return sendError(response, 405, 'invalid_request', 'This document can only be read.');
  response.writeHead(200, {
    ...corsHeaders,
    'Content-Type': 'application/json',
    'Cache-Control': 'public, max-age=300',
  });
  response.end(JSON.stringify(document));
}

function sendError(response: ServerResponse, status: number, error: string, description: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify({ error, error_description: description }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
