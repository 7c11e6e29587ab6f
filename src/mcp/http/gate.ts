import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from './refusal.ts';

export interface GateOptions {
  /** Where the server listens. */
  readonly host: string;
  readonly token: string;
  /** Further names under which it may be reached, with a port or without. */
  readonly allowHosts?: readonly string[];
  /** Further origins whose web pages may ask. */
  readonly allowOrigins?: readonly string[];
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];
const loopbackOrigin = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;
const authority = /^(\[[\da-f:.]+\]|[^\s:@/[\]]+)(:\d{1,5})?$/;
const bearer = /^Bearer +(\S+)$/i;

const endpoint = '/mcp';
const methods = ['POST', 'GET', 'DELETE'];

const refusals = {
  host: () =>
    new Refusal(
      403,
      'This Host is none that the server answers to. Reach it as localhost, 127.0.0.1 or [::1], or start it with --allow-host NAME.',
    ),
  origin: () =>
    new Refusal(403, 'Web pages of this origin may not ask. Start the server with --cors-origin ORIGIN.'),
  path: () => new Refusal(404, `There is nothing here: MCP is at ${endpoint}.`),
  token: () =>
    new Refusal(
      401,
      'The token is missing, or is another one. Send it in a header, "Authorization: Bearer TOKEN"; the server tells at its start where to find it.',
      { 'WWW-Authenticate': 'Bearer' },
    ),
  method: () =>
    new Refusal(405, `MCP is spoken here by ${methods.join(', ')}.`, {
      Allow: [...methods, 'OPTIONS'].join(', '),
    }),
};

/** Decides by a request's head alone whether it may come in. */
export class Gate {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #token: Buffer;

  constructor({ host, token, allowHosts = [], allowOrigins = [] }: GateOptions) {
    const bound = host.includes(':') ? `[${host}]` : host;
    this.#hosts = new Set([...loopback, bound, ...allowHosts].map((name) => name.toLowerCase()));
    this.#origins = new Set(allowOrigins.map((origin) => origin.replace(/\/$/, '').toLowerCase()));
    this.#token = digest(token);
  }

  /** Throws the refusal of a request that may not come in. A browser's question whether it may ask is answered here. */
  admit(request: IncomingMessage, response: ServerResponse): 'answered' | 'admitted' {
    const { headersDistinct: given, method = '', url = '' } = request;
    if (!this.#knows(given['host'])) throw refusals.host();
    const origin = this.#judge(given['origin']);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (origin !== undefined) showTo(origin, response);
    // Before the token, for clients that look for OAuth's files: there are none.
    if (url.split('?', 1)[0] !== endpoint) throw refusals.path();
    if (method === 'OPTIONS' && origin !== undefined && given['access-control-request-method']) {
      response.writeHead(204, preflight).end();
      return 'answered';
    }
    if (!this.#holds(given['authorization'])) throw refusals.token();
    if (!methods.includes(method)) throw refusals.method();
    return 'admitted';
  }

  /** A page whose name was rebound to this machine comes with that name. */
  #knows([host = '', ...more]: readonly string[] = []): boolean {
    const wanted = host.toLowerCase();
    const name = authority.exec(wanted)?.[1];
    return more.length === 0 && name !== undefined && (this.#hosts.has(name) || this.#hosts.has(wanted));
  }

  /** Programs send no origin; browsers send that of the page. */
  #judge([origin, ...more]: readonly string[] = []): string | undefined {
    if (origin === undefined) return undefined;
    const known = loopbackOrigin.test(origin) || this.#origins.has(origin.toLowerCase());
    if (more.length > 0 || !known) throw refusals.origin();
    return origin;
  }

  #holds([authorization = '', ...more]: readonly string[] = []): boolean {
    const token = bearer.exec(authorization)?.[1];
    return more.length === 0 && token !== undefined && timingSafeEqual(digest(token), this.#token);
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function showTo(origin: string, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', 'Mcp-Session-Id, WWW-Authenticate, Retry-After');
  response.setHeader('Vary', 'Origin');
}

const preflight = {
  'Access-Control-Allow-Methods': methods.join(', '),
  'Access-Control-Allow-Headers':
    'Authorization, Content-Type, Accept, Mcp-Session-Id, Mcp-Protocol-Version, Last-Event-ID',
  'Access-Control-Max-Age': '600',
};
