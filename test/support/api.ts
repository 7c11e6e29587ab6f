import type { Backend } from '../../src/contract/backend.ts';
import { AnkiConnectServer, type ServerOptions } from '../../src/anki-connect/server.ts';

export interface Api {
  readonly url: string;
  readonly port: number;
  /** The lines that the server logged. */
  readonly lines: readonly string[];
  /** Sends a request and returns the text of the response. */
  readonly ask: (request: object | string, init?: RequestInit) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Starts the HTTP API for a backend on a free port. */
export async function startApi(backend: Backend, options: Partial<ServerOptions> = {}): Promise<Api> {
  const lines: string[] = [];
  const server = new AnkiConnectServer(backend, {
    apiKey: null,
    origins: { allowed: ['http://localhost'], ignored: [] },
    log: (line) => lines.push(line),
    ...options,
  });
  const url = await server.listen('127.0.0.1', 0);
  const ask = async (request: object | string, init: RequestInit = {}) => {
    const body = typeof request === 'string' ? request : JSON.stringify(request);
    return (await fetch(url, { method: 'POST', body, ...init })).text();
  };
  return { url, port: Number(new URL(url).port), lines, ask, close: () => server.close() };
}
