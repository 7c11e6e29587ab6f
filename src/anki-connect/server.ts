import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Backend } from '../contract/backend.ts';
import { answer, type Door } from './dispatch.ts';
import { refusal, reply } from './envelope.ts';
import { Unavailable } from '../contract/errors.ts';
import { listen, refuseSocket } from '../lib/listen.ts';
import { openDoor } from './door.ts';
import { answered, forbidden, send, type Answer } from './http.ts';
import { judge, type Origins } from './origin.ts';
import { pythonJson } from './python-json.ts';
import { readBody, readRequest, type Body, type Request } from './request.ts';

export interface ServerOptions {
  readonly apiKey: string | null;
  readonly origins: Origins;
  readonly log: (message: string) => void;
  /** Bytes that a body may have. */
  readonly limit?: number;
  /** Milliseconds that a client may fall silent within a body. */
  readonly stall?: number;
}

const bodyOf = (says: string): string => pythonJson(refusal(says));

const banner = pythonJson({ apiVersion: 'AnkiConnect v.6' });
const privateNetwork = { 'Access-Control-Allow-Private-Network': 'true' };

/** How many refused origins are told of in the log: they are the words of strangers. */
const toldOrigins = 50;

/** The Anki-Connect HTTP API in front of a backend. */
export class AnkiConnectServer {
  readonly #options: Required<ServerOptions>;
  readonly #door: Door;
  readonly #http: Server;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #told = new Set<string>();

  constructor(backend: Backend, options: ServerOptions) {
    this.#options = { limit: 64 * 1024 * 1024, stall: 10_000, ...options };
    this.#door = openDoor(backend, { apiKey: options.apiKey, signal: this.#stop.signal });
    const answering = new WeakMap<Socket, ServerResponse>();
    this.#http = createServer({ requireHostHeader: false, keepAliveTimeout: 60_000 }, (request, response) => {
      const { socket } = request; // a request that failed has none any more
      answering.set(socket, response);
      this.#serve(request, response).catch((error: unknown) => {
        options.log(`a request could not be answered: ${String(error)}`);
        socket.destroy();
      });
    });
    this.#http.on('clientError', (error, socket: Socket) => {
      const response = answering.get(socket);
      // What stands behind a request that was well formed does not take its answer away.
      if (response?.writableEnded === false) response.setHeader('Connection', 'close');
      else refuseSocket(error, socket, `This is not an HTTP request. ${error.message}`, bodyOf);
    });
  }

  /** Listens, and tells the URL. */
  listen(host: string, port: number): Promise<string> {
    return listen(this.#http, host, port, 'Anki with Anki-Connect');
  }

  /** Calls that wait are refused; the one under way is answered. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#stop.abort(new Unavailable('The server is being stopped: nothing was done.'));
    await Promise.allSettled(this.#underWay);
    this.#http.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { origin, 'access-control-request-private-network': network } = request.headers;
    if (request.method === 'OPTIONS') {
      const { shown } = judge(origin, this.#options.origins);
      await send(response, answered('', shown, network === 'true' ? privateNetwork : {}));
      return;
    }
    const body = await readBody(request, this.#options);
    if (body === 'gone') return;
    const sent = this.#answer(body, origin).then((given) => {
      if (this.#stop.signal.aborted) response.setHeader('Connection', 'close');
      return send(response, given);
    });
    this.#underWay.add(sent);
    await sent.finally(() => this.#underWay.delete(sent));
  }

  async #answer(body: Body, origin: string | undefined): Promise<Answer> {
    const { allowed, shown } = judge(origin, this.#options.origins);
    if (!allowed) return this.#turnAway(body, origin ?? '', shown);
    try {
      if (body === 'too large') return this.#tooLarge(shown);
      return answered(body.length === 0 ? banner : await this.#carryOut(readRequest(body), origin), shown);
    } catch (error) {
      return answered(pythonJson(refusal(error)), shown);
    }
  }

  async #carryOut(request: Request, origin = ''): Promise<string> {
    const params = { ...request.params, origin, allowed: true };
    const asked = request.action === 'requestPermission' ? { ...request, params } : request;
    return pythonJson(await answer(asked, this.#door));
  }

  #tooLarge(shown: string): Answer {
    const says = `The body is larger than ${this.#options.limit} bytes. Give large files by "path" or "url".`;
    return { ...answered(bodyOf(says), shown, { Connection: 'close' }), status: 413 };
  }

  /** Nobody is there who could be asked for permission: the page is told so, and the log how to give it. */
  #turnAway(body: Body, origin: string, shown: string): Answer {
    this.#tell(origin);
    try {
      if (body === 'too large') return forbidden(shown);
      const { action, version } = readRequest(body);
      if (action !== 'requestPermission') return forbidden(shown);
      return answered(pythonJson(reply({ permission: 'denied' }, version)), origin);
    } catch {
      return forbidden(shown);
    }
  }

  #tell(origin: string): void {
    const { ignored } = this.#options.origins;
    if (ignored.includes(origin) || this.#told.has(origin) || this.#told.size === toldOrigins) return;
    this.#told.add(origin);
    const page = pythonJson(origin.slice(0, 200));
    this.#options.log(`refused the web page ${page}; --cors-origin with this value would let it in`);
  }
}
