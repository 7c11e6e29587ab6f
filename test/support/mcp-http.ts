import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Backend } from '../../src/contract/backend.ts';
import { manifest } from '../../src/tools/manifest.ts';
import { listenHttp, type HttpOptions } from '../../src/mcp/http/listen.ts';
import type { Enqueue } from '../../src/mcp/http/session-queue.ts';
import type { Connection } from '../../src/mcp/json-rpc/connection.ts';
import { createServer, type ServerOptions } from '../../src/mcp/server.ts';
import { backendDouble } from './backend-double.ts';

export const token = 'correct-horse-battery-staple';

export interface McpHttp {
  readonly url: string;
  readonly port: number;
  /** Lines of the server's log. */
  readonly lines: readonly string[];
  readonly close: () => Promise<void>;
}

/** Starts MCP over HTTP on a free port. */
export async function mcpHttp(
  options: Partial<HttpOptions> & Pick<HttpOptions, 'sessionServer'>,
): Promise<McpHttp> {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const { url, close } = await listenHttp({ host: '127.0.0.1', port: 0, token, log, ...options });
  return { url, port: Number(new URL(url).port), lines, close };
}

const tools = manifest();

/** Creates servers with all tools on a backend. */
export const sessionsOn =
  (backend: Backend, options: Partial<ServerOptions> = {}) =>
  ({ enqueue }: { readonly enqueue: Enqueue }): Connection =>
    createServer({ backend, tools, version: 'test', enqueue, ...options });

/** Connects the SDK's client. `end` ends its session. */
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

/** Returns a backend whose calls wait until the test calls `release`. */
export function pausedBackend(backend: Backend) {
  const signals: (AbortSignal | undefined)[] = [];
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const paused = backendDouble(async (name, params, options) => {
    signals.push(options?.signal);
    await released;
    return backend.request(name, params, options);
  }, backend);
  return { backend: paused, signals, release };
}

/** Returns the number of entries that the SDK's transport holds for pending requests. */
export function pendingEntries(server: Connection | undefined): number {
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

export interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  /** Sent in this order. An array sends a header more than once; undefined omits it. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Headers of a valid request. */
export const validHeaders = {
  Host: 'localhost',
  Authorization: `Bearer ${token}`,
  Accept: 'application/json, text/event-stream',
  'Content-Type': 'application/json',
};

/** Sends one request, with any headers, and returns the complete response. */
export function ask(
  port: number,
  { method = 'POST', path = '/mcp', headers, body, signal }: RequestOptions,
): Promise<Reply> {
  const sent = Object.entries({ ...validHeaders, ...headers }).flatMap(([name, value]) =>
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

/** Opens a session without a client and returns its id. */
export async function openSession(port: number): Promise<string> {
  const { headers } = await ask(port, { body: initialize });
  const id = String(headers['mcp-session-id']);
  await ask(port, { headers: { 'Mcp-Session-Id': id }, body: notification('notifications/initialized') });
  return id;
}

/** Opens a TCP connection and writes bytes. `received.text` is the response so far. */
export function rawSocket(port: number, bytes: string) {
  const received = { text: '' };
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  socket.on('data', (chunk) => (received.text += String(chunk))).on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(received.text)));
  return { socket, received, closed };
}
