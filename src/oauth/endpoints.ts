import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { canonicalResource, paths, withoutPrefix, type Addresses } from './addresses.ts';
import { bodyText } from './body.ts';
import { areShort, clientMetadata, RegistrationRate, tooLongUri } from './client-metadata.ts';
import type { Consent } from './consent.ts';
import { allScopes, documentAt, readScope, writeScope } from './documents.ts';
import { replayed } from './replay.ts';

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
  'resource',
];

/** Longest query of an authorization request, which is kept in memory until the owner decides. */
const maxQuery = 4096;

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

interface EndpointsOptions {
  readonly addresses: Addresses;
  readonly provider: Provider;
  readonly consent: Consent;
  /** Returns why nobody can log in now, for clients. */
  readonly problem: () => string | undefined;
}

/** Answers the requests of a login: documents, the consent page, and what oidc-provider does. */
export class Endpoints {
  readonly #addresses: Addresses;
  readonly #consent: Consent;
  readonly #handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly #registrations = new RegistrationRate();
  readonly #problem: () => string | undefined;

  constructor({ addresses, provider, consent, problem }: EndpointsOptions) {
    this.#problem = problem;
    this.#addresses = addresses;
    this.#handle = provider.callback();
    this.#consent = consent;
  }

  /** Returns false if the path is not one of these. */
  async respond(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
    const document = documentAt(path, this.#addresses);
    if (document !== undefined) sendDocument(request, response, document);
    else {
      const own = withoutPrefix(path, this.#addresses);
      const endpoint = aliases[own] ?? own;
      if (!endpoint.startsWith('/oauth/')) return false;
      const problem = this.#problem();
      if (problem !== undefined) sendError(response, 503, 'server_error', problem);
      else if (endpoint.startsWith(`${paths.consent}/`))
        await this.#consent.respond(request, response, endpoint);
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
    if (!areShort(metadata.redirect_uris))
      return sendError(response, 400, 'invalid_redirect_uri', tooLongUri);
    if (!this.#registrations.allows()) {
      response.setHeader('Retry-After', '60');
      return sendError(response, 429, 'temporarily_unavailable', 'Too many registrations. Try again later.');
    }
    const json = { path: paths.register, body: JSON.stringify(metadata), contentType: 'application/json' };
    await this.#handle(replayed(request, this.#addresses, json), response);
  }

  #authorization(query: URLSearchParams): string {
    const kept = new URLSearchParams();
    for (const name of parameters) for (const value of query.getAll(name)) kept.append(name, value);
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
