import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bearer, type Access, type Caller, type Refusal } from '../../oauth/access.ts';
import { HttpError } from './http-error.ts';

export interface AccessOptions {
  /** Host name or address that the server listens on. */
  readonly host: string;
  /** The token that has access to everything. Without it, only `access` authorizes. */
  readonly token?: string | undefined;
  /** Authorization by OAuth. */
  readonly access?: Access | undefined;
  /** More accepted Host headers, with or without a port. */
  readonly allowHosts?: readonly string[];
  /** More origins whose web pages may send requests. */
  readonly allowOrigins?: readonly string[];
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];
const loopbackOrigin = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;
const authority = /^(\[[\da-f:.]+\]|[^\s:@/[\]]+)(:\d{1,5})?$/;

const defaultEndpoint = '/mcp';
const methods = ['POST', 'GET', 'DELETE'];

const errors = {
  host: () =>
    new HttpError(
      403,
      'This server does not accept this Host header. Use localhost, 127.0.0.1 or [::1], or start the server with --allow-host NAME.',
    ),
  origin: () =>
    new HttpError(
      403,
      'This server does not accept requests from web pages of this origin. Start it with --cors-origin ORIGIN.',
    ),
  path: () => new HttpError(404, `Not found. The MCP endpoint is ${defaultEndpoint}.`),
  token: () =>
    new HttpError(
      401,
      'The token is missing or wrong. Send the header "Authorization: Bearer TOKEN" or "X-Api-Key: TOKEN". At its start, the server prints where the token is.',
      { 'WWW-Authenticate': 'Bearer' },
    ),
  method: () =>
    new HttpError(405, `Method not allowed. MCP uses ${methods.join(', ')}.`, {
      Allow: [...methods, 'OPTIONS'].join(', '),
    }),
};

/** The caller that sends the token. */
const tokenCaller: Caller = { id: 'token', readOnly: false };

/** Checks Host, Origin, path, token and method of a request, before its body is read. */
export class AccessControl {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #endpoints: ReadonlySet<string>;
  readonly #tokenHash: Buffer | undefined;
  readonly #access: Access | undefined;

  constructor({ host, token, access, allowHosts = [], allowOrigins = [] }: AccessOptions) {
    const bound = host.includes(':') ? `[${host}]` : host; // IPv6
    this.#hosts = new Set([...loopback, bound, ...allowHosts].map((name) => name.toLowerCase()));
    this.#origins = new Set(allowOrigins.map((origin) => origin.replace(/\/$/, '').toLowerCase()));
    // A proxy may keep or remove the path of the public URL.
    const endpoints = [defaultEndpoint, access?.endpoint ?? defaultEndpoint];
    this.#endpoints = new Set(endpoints.flatMap((path) => [path, `${path}/`]));
    this.#tokenHash = token === undefined ? undefined : hash(token);
    this.#access = access;
  }

  /**
   * Returns who sends a request to the MCP endpoint. Throws an `HttpError` if the request is not allowed. Answers CORS preflight
   * requests, and requests of OAuth.
   */
  async check(request: IncomingMessage, response: ServerResponse): Promise<'answered' | Caller> {
    const { headersDistinct: headers, method = '', url = '' } = request;
    if (!this.#isKnownHost(headers['host'])) throw errors.host();
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (await this.#access?.respond(request, response)) return 'answered';
    const origin = this.#checkOrigin(headers['origin']);
    if (origin !== undefined) allowOrigin(origin, response);
    // Before the token check: clients look for OAuth metadata and must get 404, if there is none.
    if (!this.#endpoints.has(url.split('?', 1)[0] ?? '')) throw errors.path();
    if (method === 'OPTIONS' && origin !== undefined && headers['access-control-request-method']) {
      response.writeHead(204, preflight).end();
      return 'answered';
    }
    const caller = await this.#identify(request);
    if (!methods.includes(method)) throw errors.method();
    return caller;
  }

  /** DNS rebinding: a web page whose name was changed to this machine's address still sends that name. */
  #isKnownHost([host = '', ...more]: readonly string[] = []): boolean {
    const lowerCase = host.toLowerCase();
    const name = authority.exec(lowerCase)?.[1];
    return more.length === 0 && name !== undefined && (this.#hosts.has(name) || this.#hosts.has(lowerCase));
  }

  /** Browsers send the origin of the page; other programs send none. */
  #checkOrigin([origin, ...more]: readonly string[] = []): string | undefined {
    if (origin === undefined) return undefined;
    const known = loopbackOrigin.test(origin) || this.#origins.has(origin.toLowerCase());
    if (more.length > 0 || !known) throw errors.origin();
    return origin;
  }

  async #identify(request: IncomingMessage): Promise<Caller> {
    const { authorization, 'x-api-key': apiKey } = request.headersDistinct;
    if (this.#isToken(authorization, bearer) || this.#isToken(apiKey, /^(\S+)$/)) return tokenCaller;
    if (this.#access === undefined) throw errors.token();
    const caller = await this.#access.identify(request);
    if ('status' in caller) throw refused(caller);
    return caller;
  }

  #isToken([value = '', ...more]: readonly string[] = [], pattern: RegExp): boolean {
    const [, token] = pattern.exec(value) ?? [];
    if (this.#tokenHash === undefined || token === undefined || more.length > 0) return false;
    return timingSafeEqual(hash(token), this.#tokenHash);
  }
}

/** Returns the error response for a refusal. */
export const refused = ({ status, message, headers }: Refusal): HttpError =>
  new HttpError(status, message, headers);

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

function allowOrigin(origin: string, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', 'Mcp-Session-Id, WWW-Authenticate, Retry-After');
  response.setHeader('Vary', 'Origin');
}

const preflight = {
  'Access-Control-Allow-Methods': methods.join(', '),
  'Access-Control-Allow-Headers':
    'Authorization, X-Api-Key, Content-Type, Accept, Mcp-Session-Id, Mcp-Protocol-Version, Last-Event-ID',
  'Access-Control-Max-Age': '600',
};
