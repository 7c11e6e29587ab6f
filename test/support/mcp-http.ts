import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Backend } from '../../src/contract/backend.ts';
import { manifest } from '../../src/tools/manifest.ts';
import { listenHttp, type HttpOptions } from '../../src/mcp/http/listen.ts';
import { createServer, type ServerOptions } from '../../src/mcp/server.ts';
import { backendDouble } from './backend-double.ts';

export const token = 'correct-horse-battery-staple';

export interface McpHttp {
  readonly url: string;
  readonly port: number;
  /** What the server wrote into its log. */
  readonly lines: readonly string[];
  readonly close: () => Promise<void>;
}

/** MCP over HTTP, on a port of its own. */
export async function mcpHttp(
  options: Partial<HttpOptions> & Pick<HttpOptions, 'sessionServer'>,
): Promise<McpHttp> {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const { url, close } = await listenHttp({ host: '127.0.0.1', port: 0, token, log, ...options });
  return { url, port: Number(new URL(url).port), lines, close };
}

const tools = manifest();

/** Sessions on a backend, with all tools. */
export const sessionsOn =
  (backend: Backend, options: Partial<ServerOptions> = {}): HttpOptions['sessionServer'] =>
  ({ inTurn }) =>
    createServer({ backend, tools, version: 'test', inTurn, ...options });

/** The SDK's own client, connected; `end` takes its session down. */
export async function clientOf(url: string, client = new Client({ name: 'test', version: '1' })) {
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  const end = async () => {
    await transport.terminateSession();
    await client.close();
  };
  return { client, transport, end };
}

/** A backend whose calls wait until the test lets them go on. */
export function waiting(backend: Backend) {
  const signals: (AbortSignal | undefined)[] = [];
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const slow = backendDouble(async (name, params, options) => {
    signals.push(options?.signal);
    await gate;
    return backend.request(name, params, options);
  }, backend);
  return { backend: slow, signals, goOn };
}

/** What the SDK keeps of requests that are not answered yet. */
export function kept(server: Server | undefined): number {
  const transport: unknown = Reflect.get(Object(server?.transport), '_webStandardTransport');
  const maps = ['_streamMapping', '_requestToStreamMapping', '_requestResponseMap'];
  return maps
    .map((name): unknown => Reflect.get(Object(transport), name))
    .reduce((sum: number, map) => sum + (map instanceof Map ? map.size : Number.NaN), 0);
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  /** As they are sent, in this order; an array sends a header more than once. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** What every request has. */
export const usual = {
  Host: 'localhost',
  Authorization: `Bearer ${token}`,
  Accept: 'application/json, text/event-stream',
  'Content-Type': 'application/json',
};

/** Sends one request, whose headers may be odd, and takes the whole answer. */
export function ask(
  port: number,
  { method = 'POST', path = '/mcp', headers, body, signal }: Asked,
): Promise<Reply> {
  const sent = Object.entries({ ...usual, ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().flatMap((each) => [name, each]),
  );
  const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))];
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port, method, path, headers: [...sent, ...length], setHost: false, agent: false, signal },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('error', reject).on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    request.on('error', reject).end(body);
  });
}

export const message = (method: string, params: object = {}, id = 1): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

export const notification = (method: string, params: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params });

export const initialize = message('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: { elicitation: {} },
  clientInfo: { name: 'raw', version: '1' },
});

/** Begins a session without a client, and tells its id. */
export async function beginSession(port: number): Promise<string> {
  const { headers } = await ask(port, { body: initialize });
  const id = String(headers['mcp-session-id']);
  await ask(port, { headers: { 'Mcp-Session-Id': id }, body: notification('notifications/initialized') });
  return id;
}

/** A connection to write to as one likes. */
export function rawSocket(port: number, bytes: string) {
  const got = { text: '' };
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  socket.on('data', (chunk) => (got.text += String(chunk))).on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(got.text)));
  return { socket, got, closed };
}
