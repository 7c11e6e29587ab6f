import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';
import { z } from 'zod';
import { eventually } from './eventually.ts';
import { initialize } from './mcp-http.ts';
import { newCollection } from './served.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export const ownerPassword = 'correct horse battery';
export const redirectUri = 'https://client.example/callback';

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** Returns a port that is free now: the public URL must be known before the server starts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

export interface OAuthServer {
  readonly port: number;
  /** The public URL. */
  readonly issuer: string;
  readonly folder: string;
  readonly grantsFile: string;
  readonly output: { stderr: string; stdout: string };
  /** Ends the process with a signal and waits for it. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>;
  /** Starts the same server again. */
  readonly restart: () => Promise<OAuthServer>;
}

interface Setup {
  readonly port?: number;
  readonly collection?: string;
  /** The public URL, if it is not the address of the server itself. */
  readonly publicUrl?: string;
  readonly args?: readonly string[];
  /** False: the token of --token-file is the password. */
  readonly withPassword?: boolean;
}

/** Starts the built server with OAuth on loopback. It is killed after the last test of the file. */
export async function startOAuth(setup: Setup = {}): Promise<OAuthServer> {
  const { port = await freePort(), collection = newCollection(), args = [], withPassword = true } = setup;
  const issuer = setup.publicUrl ?? `http://127.0.0.1:${port}`;
  const folder = dirname(collection);
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, ownerPassword, { mode: 0o600 });
  const options = ['--collection', collection, '--port', String(port), '--public-url', issuer];
  const password = withPassword ? ['--owner-password-file', passwordFile] : [];
  const command = [main, '--http', ...options, ...password, ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  closers.push(() => child.kill('SIGKILL'));
  const exit = once(child, 'close');
  const output = { stderr: '', stdout: '' };
  child.stderr.on('data', (chunk) => (output.stderr += String(chunk)));
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
  await eventually(() => expect(output.stderr).toMatch(/ at http:\S+\/mcp; /));
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    await exit;
  };
  const restart = () => startOAuth({ ...setup, port, collection });
  return { port, issuer, folder, grantsFile: join(folder, 'grants.json'), output, end, restart };
}

const registration = z.looseObject({ client_id: z.string(), client_secret: z.string().optional() });
export type Registration = z.output<typeof registration>;

/** An authorization server. */
export type Issuer = Pick<OAuthServer, 'issuer'>;

export const registrationRequest = ({ issuer }: Issuer, metadata: object = {}): Promise<Response> =>
  fetch(`${issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Test client',
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
      ...metadata,
    }),
  });

export const register = async (server: Issuer, metadata?: object): Promise<Registration> =>
  registration.parse(await (await registrationRequest(server, metadata)).json());

/** A browser without scripts: keeps cookies by their path, and follows redirects only with `follow`. */
export class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>();

  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name.split(' ')[0]}=${value}`)
      .join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...Object(init.headers), cookie },
    });
    for (const header of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      const path = /path=([^;]+)/i.exec(header)?.[1] ?? '/';
      this.#cookies.set(`${name} ${path}`, { value, path });
    }
    return response;
  }

  /** Opens a URL and follows the redirects on this server. Returns the page, or the address of the client. */
  async follow(url: string, init: RequestInit = {}): Promise<{ response: Response; url: string }> {
    const { origin } = new URL(url);
    let at = url;
    let response = await this.open(at, init);
    for (;;) {
      const location = response.headers.get('location');
      if (location === null) return { response, url: at };
      at = new URL(location, at).href;
      if (new URL(at).origin !== origin) return { response, url: at };
      response = await this.open(at);
    }
  }
}

export interface Authorization {
  readonly browser: Browser;
  /** Address and HTML of the consent page. */
  readonly page: string;
  readonly html: string;
  readonly response: Response;
  readonly verifier: string;
}

export const newVerifier = (): string => randomBytes(32).toString('base64url');
export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');

/** Starts a login, as a client and a browser do, up to the consent page. */
export async function authorize(
  { issuer }: Issuer,
  parameters: Readonly<Record<string, string | undefined>>,
  browser = new Browser(),
): Promise<Authorization> {
  const verifier = newVerifier();
  const values = Object.entries({
    response_type: 'code',
    redirect_uri: redirectUri,
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
    state: 'state',
    resource: `${issuer}/mcp`,
    ...parameters,
  });
  const query = new URLSearchParams();
  for (const [name, value] of values) if (value !== undefined) query.set(name, value);
  const { response, url } = await browser.follow(`${issuer}/oauth/authorize?${query.toString()}`);
  return { browser, page: url, html: await response.text(), response, verifier };
}

export const csrfIn = (html: string): string => /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

/** Sends the form of the consent page. Returns where it leads. */
export const submit = (
  { browser, page, html }: Pick<Authorization, 'browser' | 'page' | 'html'>,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<{ response: Response; url: string }> =>
  browser.follow(page, {
    method: 'POST',
    headers: { Origin: new URL(page).origin, ...headers },
    body: new URLSearchParams({
      csrf: csrfIn(html),
      access: 'write',
      password: ownerPassword,
      decision: 'allow',
      ...fields,
    }),
  });

const tokens = z.looseObject({
  error: z.string().optional(),
  access_token: z.string().default(''),
  refresh_token: z.string().default(''),
  expires_in: z.number().optional(),
  scope: z.string().optional(),
});

export interface Tokens extends z.output<typeof tokens> {
  readonly status: number;
}

/** Sends a request to the token endpoint. */
export async function tokenRequest(
  { issuer }: Issuer,
  body: Readonly<Record<string, string>>,
): Promise<Tokens> {
  const response = await fetch(`${issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams(body) });
  return { ...tokens.parse(await response.json()), status: response.status };
}

/** Exchanges a code for tokens. */
export const exchange = (
  server: Issuer,
  { verifier, code, client_id }: Readonly<Record<'verifier' | 'code' | 'client_id', string>>,
  more: Readonly<Record<string, string>> = {},
): Promise<Tokens> =>
  tokenRequest(server, {
    grant_type: 'authorization_code',
    code,
    client_id,
    code_verifier: verifier,
    redirect_uri: redirectUri,
    resource: `${server.issuer}/mcp`,
    ...more,
  });

export const refresh = (
  server: Issuer,
  { client_id, refresh_token }: Readonly<Record<'client_id' | 'refresh_token', string>>,
): Promise<Tokens> => tokenRequest(server, { grant_type: 'refresh_token', client_id, refresh_token });

export const codeIn = (url: string): string => new URL(url).searchParams.get('code') ?? '';

/** Registers a client and lets the owner allow it. Returns its tokens. */
export async function login(
  server: Issuer,
  fields: Readonly<Record<string, string>> = {},
): Promise<Tokens & { readonly client_id: string }> {
  const { client_id } = await register(server);
  const authorization = await authorize(server, { client_id });
  const { url } = await submit(authorization, fields);
  const { verifier } = authorization;
  return { ...(await exchange(server, { verifier, code: codeIn(url), client_id })), client_id };
}

/** Sends a message to the MCP endpoint. Default: initialize. */
export const post = (
  { issuer }: Issuer,
  headers: Readonly<Record<string, string>> = {},
  body: string = initialize,
): Promise<Response> =>
  fetch(`${issuer}/mcp`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      ...headers,
    },
    body,
  });

export const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

/** Opens a session with a token. Returns the headers of further requests in it. */
export async function openSession(server: Issuer, token: string): Promise<Record<string, string>> {
  const { headers } = await post(server, bearer(token));
  return { ...bearer(token), 'Mcp-Session-Id': headers.get('mcp-session-id') ?? '' };
}
