import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Backend } from '../contract/backend.ts';
import { answer, type RequestHandler } from './dispatch.ts';
import { refusal, reply } from './envelope.ts';
import { Unavailable } from '../contract/errors.ts';
import { listen, refuseSocket } from '../lib/listen.ts';
import { requestHandlerFor } from './request-handler.ts';
import { forbidden, okResponse, send, type HttpAnswer } from './http.ts';
import { checkOrigin, type Origins } from './origin.ts';
import { pythonJson } from './python-json.ts';
import { readBody, readRequest, type Body, type AnkiRequest } from './request.ts';

export interface ServerOptions {
  readonly apiKey: string | null;
  readonly origins: Origins;
  readonly log: (message: string) => void;
  readonly maxBodyBytes?: number;
  /** Maximum milliseconds between two chunks of a body. */
  readonly idleTimeoutMs?: number;
}

const bodyOf = (message: string): string => pythonJson(refusal(message));

const banner = pythonJson({ apiVersion: 'AnkiConnect v.6' });
const privateNetwork = { 'Access-Control-Allow-Private-Network': 'true' };

/** Maximum number of refused origins in the log, because strangers choose them. */
const maxLoggedOrigins = 50;

/** Offers a backend as Anki-Connect's HTTP API. */
export class AnkiConnectServer {
  readonly #options: Required<ServerOptions>;
  readonly #handler: RequestHandler;
  readonly #http: Server;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #loggedOrigins = new Set<string>();

  constructor(backend: Backend, options: ServerOptions) {
    this.#options = { maxBodyBytes: 64 * 1024 * 1024, idleTimeoutMs: 10_000, ...options };
    this.#handler = requestHandlerFor(backend, { apiKey: options.apiKey, signal: this.#stop.signal });
    const answering = new WeakMap<Socket, ServerResponse>();
    this.#http = createServer({ requireHostHeader: false, keepAliveTimeout: 60_000 }, (request, response) => {
      const { socket } = request; // a failed request has no socket any more
      answering.set(socket, response);
      this.#serve(request, response).catch((error: unknown) => {
        options.log(`a request could not be answered: ${String(error)}`);
        socket.destroy();
      });
    });
    this.#http.on('clientError', (error, socket: Socket) => {
      const response = answering.get(socket);
      // Garbage after a valid request must not prevent the response to that request.
      if (response?.writableEnded === false) response.setHeader('Connection', 'close');
      else refuseSocket(error, socket, `This is not an HTTP request. ${error.message}`, bodyOf);
    });
  }

  /** Starts listening and returns the URL. */
  listen(host: string, port: number): Promise<string> {
    return listen(this.#http, host, port, 'Anki with Anki-Connect');
  }

  /** Stops the server. Queued calls are refused; the running one is answered. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#stop.abort(new Unavailable('The server is shutting down. Nothing was changed.'));
    await Promise.allSettled(this.#running);
    this.#http.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { origin, 'access-control-request-private-network': network } = request.headers;
    if (request.method === 'OPTIONS') {
      const { header } = checkOrigin(origin, this.#options.origins);
      await send(response, okResponse('', header, network === 'true' ? privateNetwork : {}));
      return;
    }
    const body = await readBody(request, this.#options);
    if (body === 'gone') return;
    const sent = this.#answer(body, origin).then((answer) => {
      if (this.#stop.signal.aborted) response.setHeader('Connection', 'close');
      return send(response, answer);
    });
    this.#running.add(sent);
    await sent.finally(() => this.#running.delete(sent));
  }

  async #answer(body: Body, origin: string | undefined): Promise<HttpAnswer> {
    const { allowed, header } = checkOrigin(origin, this.#options.origins);
    if (!allowed) return this.#refuseOrigin(body, origin ?? '', header);
    try {
      if (body === 'too large') return this.#tooLarge(header);
      return okResponse(body.length === 0 ? banner : await this.#carryOut(readRequest(body), origin), header);
    } catch (error) {
      return okResponse(pythonJson(refusal(error)), header);
    }
  }

  async #carryOut(request: AnkiRequest, origin = ''): Promise<string> {
    const params = { ...request.params, origin, allowed: true };
    const completed = request.action === 'requestPermission' ? { ...request, params } : request;
    return pythonJson(await answer(completed, this.#handler));
  }

  #tooLarge(header: string): HttpAnswer {
    const message = `The body is larger than ${this.#options.maxBodyBytes} bytes. Pass large files by "path" or "url".`;
    return { ...okResponse(bodyOf(message), header, { Connection: 'close' }), status: 413 };
  }

  /** Denies a web page at once, because there is no user to ask. The log says how to allow it. */
  #refuseOrigin(body: Body, origin: string, header: string): HttpAnswer {
    this.#logOrigin(origin);
    try {
      if (body === 'too large') return forbidden(header);
      const { action, version } = readRequest(body);
      if (action !== 'requestPermission') return forbidden(header);
      return okResponse(pythonJson(reply({ permission: 'denied' }, version)), origin);
    } catch {
      return forbidden(header);
    }
  }

  #logOrigin(origin: string): void {
    const { ignored } = this.#options.origins;
    if (
      ignored.includes(origin) ||
      this.#loggedOrigins.has(origin) ||
      this.#loggedOrigins.size === maxLoggedOrigins
    )
      return;
    this.#loggedOrigins.add(origin);
    const shownOrigin = pythonJson(origin.slice(0, 200));
    this.#options.log(`refused the web page ${shownOrigin}; pass --cors-origin with this value to allow it`);
  }
}
