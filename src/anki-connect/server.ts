import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Backend } from '../contract/backend.ts';
import { isActionName } from '../contract/index.ts';
import { isLongRead } from '../contract/long-reads.ts';
import { answer, type RequestHandler } from './dispatch.ts';
import { BodyReader, smallBodyBytes, type Body } from './body.ts';
import { BytePool } from './byte-pool.ts';
import { keyRefused, refusal, reply } from './envelope.ts';
import { Unavailable } from '../contract/errors.ts';
import { listen, refuseSocket } from '../lib/listen.ts';
import { requestHandlerFor } from './request-handler.ts';
import { forbidden, lengthOf, okResponse, send, type HttpAnswer, type Printed } from './http.ts';
import { checkOrigin, type Origins } from './origin.ts';
import { pythonJson } from './python-json.ts';
import { readRequest, type AnkiRequest } from './request.ts';

export interface ServerOptions {
  readonly apiKey: string | null;
  readonly origins: Origins;
  readonly log: (message: string) => void;
  readonly maxBodyBytes?: number;
  /** Maximum milliseconds in which a client sends nothing of a body, or reads nothing of a response. */
  readonly idleTimeoutMs?: number;
  /** Maximum milliseconds for a whole request to arrive, and for a whole response to be read. */
  readonly transferTimeoutMs?: number;
  /** Maximum milliseconds that a large body waits until others are done. */
  readonly waitMs?: number;
  /** Bytes of unread responses above which no further request is carried out. */
  readonly maxUnreadBytes?: number;
}

const megabyte = 1024 * 1024;

const defaults = {
  maxBodyBytes: 64 * megabyte,
  idleTimeoutMs: 10_000,
  transferTimeoutMs: 120_000,
  waitMs: 30_000,
  maxUnreadBytes: 128 * megabyte,
};

/** Every connection can take `smallBodyBytes` of memory. */
const maxConnections = 1000;

const bodyOf = (message: string): string => pythonJson(refusal(message));
const refused = (error: unknown): Printed => [pythonJson(refusal(error))];

const banner = [pythonJson({ apiVersion: 'AnkiConnect v.6' })];
const privateNetwork = { 'Access-Control-Allow-Private-Network': 'true' };

/** Maximum number of refused origins in the log, because strangers choose them. */
const maxLoggedOrigins = 50;

/** Offers a backend as Anki-Connect's HTTP API. */
export class AnkiConnectServer {
  readonly #options: Required<ServerOptions>;
  readonly #handler: RequestHandler<Printed>;
  readonly #bodies: BodyReader;
  readonly #unread: BytePool;
  /** Ends of the last call and of the last long read. A long read lets calls run between its parts. */
  readonly #last: Record<'call' | 'longRead', Promise<unknown>> = {
    call: Promise.resolve(),
    longRead: Promise.resolve(),
  };
  readonly #http: Server;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #loggedOrigins = new Set<string>();

  constructor(backend: Backend, options: ServerOptions) {
    this.#options = { ...defaults, ...options };
    this.#handler = requestHandlerFor(backend, { apiKey: options.apiKey, signal: this.#stop.signal });
    this.#bodies = new BodyReader(this.#options, this.#handler.acceptsKey);
    this.#unread = new BytePool(this.#options.maxUnreadBytes);
    const answering = new WeakMap<Socket, ServerResponse>();
    const timeouts = {
      keepAliveTimeout: 60_000,
      headersTimeout: Math.min(60_000, this.#options.transferTimeoutMs),
      requestTimeout: this.#options.transferTimeoutMs,
      connectionsCheckingInterval: Math.min(5000, this.#options.transferTimeoutMs),
    };
    this.#http = createServer({ requireHostHeader: false, ...timeouts }, (request, response) => {
      const { socket } = request; // a failed request has no socket any more
      answering.set(socket, response);
      this.#serve(request, response).catch((error: unknown) => {
        options.log(`a request could not be answered: ${String(error)}`);
        socket.destroy();
      });
    });
    this.#http.maxConnections = maxConnections;
    this.#http.on('clientError', (error, socket: Socket) => {
      const response = answering.get(socket);
      // Garbage after a valid request must not prevent the response to that request.
      if (response?.req.complete && !response.writableEnded) response.setHeader('Connection', 'close');
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
    const { allowed, header } = checkOrigin(origin, this.#options.origins);
    if (request.method === 'OPTIONS') {
      const more = network === 'true' ? privateNetwork : {};
      await send(response, okResponse([], header, more), this.#options);
      return;
    }
    const received = await this.#bodies.read(request, allowed ? undefined : smallBodyBytes);
    if (received === 'gone') return;
    const sent = this.#respond(response, received.body, origin).finally(received.release);
    this.#running.add(sent);
    await sent.finally(() => this.#running.delete(sent));
  }

  async #respond(response: ServerResponse, body: Body, origin: string | undefined): Promise<void> {
    const answer = await this.#answer(body, origin);
    if (this.#stop.signal.aborted) response.setHeader('Connection', 'close');
    const length = lengthOf(answer.body);
    this.#unread.take(length);
    await send(response, answer, this.#options);
    this.#unread.release(length);
  }

  async #answer(body: Body, origin: string | undefined): Promise<HttpAnswer> {
    const { allowed, header } = checkOrigin(origin, this.#options.origins);
    if (!allowed) return this.#refuseOrigin(body, origin ?? '', header);
    if (body === 'too large') return this.#tooLarge(header);
    if (body === 'no room') return this.#noRoom(header);
    try {
      if (body.length === 0) return okResponse(banner, header);
      if (!this.#bodies.mayParse(body)) return okResponse(refused(keyRefused), header);
      return okResponse(await this.#carryOut(readRequest(body), origin), header);
    } catch (error) {
      return okResponse(refused(error), header);
    }
  }

  async #carryOut(request: AnkiRequest, origin = ''): Promise<Printed> {
    const params = { ...request.params, origin, allowed: true };
    const completed = request.action === 'requestPermission' ? { ...request, params } : request;
    const { action } = request;
    const isLong = isActionName(action) && isLongRead(action, request.params);
    return this.#inTurn(isLong ? 'longRead' : 'call', () => answer(completed, this.#handler));
  }

  /** Carries out one request of a kind after the other, as the engine does, and none while clients leave too much unread. */
  #inTurn(kind: 'call' | 'longRead', work: () => Promise<Printed>): Promise<Printed> {
    const result = this.#last[kind].then(async () => {
      if (await this.#unread.reserve(1, this.#stop.signal)) this.#unread.release(1);
      const printed = await work();
      const length = lengthOf(printed);
      this.#unread.take(length);
      process.nextTick(() => this.#unread.release(length)); // until then the response is counted
      return printed;
    });
    this.#last[kind] = result.catch(() => {});
    return result;
  }

  #tooLarge(header: string): HttpAnswer {
    const message = `The body is larger than ${this.#options.maxBodyBytes} bytes. Pass large files by "path" or "url".`;
    return { ...okResponse(refused(message), header, { Connection: 'close' }), status: 413 };
  }

  #noRoom(header: string): HttpAnswer {
    const message =
      'The server is receiving as many large requests as its memory allows. Nothing was changed: send this one again later. If the server has an API key, send "key" before "params".';
    return { ...okResponse(refused(message), header, { Connection: 'close' }), status: 503 };
  }

  /** Denies a web page at once, because there is no user to ask. The log says how to allow it. */
  #refuseOrigin(body: Body, origin: string, header: string): HttpAnswer {
    this.#logOrigin(origin);
    try {
      if (typeof body === 'string') return forbidden(header);
      const { action, version } = readRequest(body);
      if (action !== 'requestPermission') return forbidden(header);
      return okResponse([pythonJson(reply({ permission: 'denied' }, version))], origin);
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
