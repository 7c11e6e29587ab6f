import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CancelledNotificationSchema, isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { readMessage } from './body.ts';
import { Gate, type GateOptions } from './gate.ts';
import { limits, type Limits } from './limits.ts';
import { bodyOf, Refusal, refuse } from './refusal.ts';
import { Sessions, type Session } from './sessions.ts';
import type { InTurn } from './turns.ts';
import { isLoopback, listen, refuseSocket } from '../../lib/listen.ts';

export interface HttpOptions extends GateOptions {
  readonly port: number;
  readonly log: (message: string) => void;
  /** Makes the server of a session, whose tool calls take turns. */
  readonly sessionServer: (session: { readonly inTurn: InTurn }) => Server;
  readonly limits?: Partial<Limits>;
}

/** MCP over HTTP, as it was started. */
export interface HttpFront {
  readonly url: string;
  /** Ends all sessions, streams and connections. */
  readonly close: () => Promise<void>;
}

/** Answers MCP over Streamable HTTP, one server for each session. */
export async function listenHttp(options: HttpOptions): Promise<HttpFront> {
  const front = new Front(options);
  const url = `${await listen(front.http, options.host, options.port, 'another ankiwright')}/mcp`;
  if (!isLoopback(new URL(url).hostname)) {
    options.log(
      `${options.host} can be reached from other machines, and HTTP is not encrypted: whoever listens in sees the token and all cards. Put a proxy with TLS before it where you do not trust the network.`,
    );
  }
  return { url, close: () => front.close() };
}

/** The SDK's half of a session. */
interface Line {
  readonly transport: StreamableHTTPServerTransport;
  close(): Promise<void>;
}

/** Milliseconds that streams have to end by themselves. */
const farewell = 300;

class Front {
  readonly http: HttpServer;
  readonly #options: HttpOptions;
  readonly #limits: Limits;
  readonly #gate: Gate;
  readonly #sessions: Sessions<Line>;
  readonly #told = new Set<string>();

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#limits = { ...limits, ...options.limits };
    this.#gate = new Gate(options);
    this.#sessions = new Sessions(this.#limits);
    const answering = new WeakMap<Socket, ServerResponse>();
    const { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval } = this.#limits;
    const times = { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval };
    this.http = createServer({ ...times, requireHostHeader: false }, (request, response) => {
      const { socket } = request;
      answering.set(socket, response);
      // The SDK promises to keep every connection, also to a client that waits for its end.
      if (!response.shouldKeepAlive) response.once('finish', () => socket.destroySoon());
      this.#serve(request, response).catch((error: unknown) => this.#fail(error, request, response));
    });
    this.http.maxConnections = this.#limits.connections;
    this.http.on('clientError', (error, socket: Socket) => {
      const last = answering.get(socket);
      // Into an answer that is under way, no other can be written.
      if (last?.headersSent && !last.writableEnded) socket.destroy();
      else refuseSocket(error, socket, 'This is not an HTTP request.', bodyOf);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.http.close(resolve));
    await this.#sessions.close();
    const last = setTimeout(() => this.http.closeAllConnections(), farewell);
    await closed;
    clearTimeout(last);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#gate.admit(request, response) === 'answered') return;
    const session = this.#sessionOf(request);
    session?.use(response);
    if (request.method === 'POST') {
      await this.#take(await readMessage(request, this.#limits.body), session, request, response);
    } else if (session) await session.peer.transport.handleRequest(request, response);
    else throw withoutSession();
  }

  #sessionOf({ headers }: IncomingMessage): Session<Line> | undefined {
    const id = headers['mcp-session-id'];
    return id === undefined ? undefined : this.#sessions.find(String(id));
  }

  async #take(
    message: object,
    known: Session<Line> | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (!known && !isInitializeRequest(message)) throw withoutSession();
    const session = known ?? this.#sessions.begin((session) => this.#connect(session));
    if (!known) session.use(response);
    const { transport } = session.peer;
    await transport.handleRequest(request, response, message);
    if (transport.sessionId === undefined) await session.peer.close(); // its initialize was not accepted
    const cancelled = CancelledNotificationSchema.safeParse(message).data?.params.requestId;
    if (cancelled !== undefined) endStream(transport, cancelled);
  }

  #connect({ id, inTurn }: { id: string; inTurn: InTurn }): Line {
    const server = this.#options.sessionServer({ inTurn });
    const forget = () => this.#sessions.forget(id);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      onsessionclosed: forget,
    });
    // The transport's own start does nothing: it is connected at once.
    void server.connect(transport);
    const close = async () => {
      forget();
      await server.close();
    };
    return { transport, close };
  }

  #fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed || request.socket.destroyed) return; // the client is gone
    if (!(error instanceof Refusal)) {
      this.#options.log(`a request could not be answered: ${String(error)}`);
      return refuse(request, response, new Refusal(500, 'The server failed. Its log says why.'));
    }
    // Whoever started the server may not see what the client is told. Each sentence once: strangers may ask for more.
    if ([401, 403].includes(error.status) && !this.#told.has(error.message)) {
      this.#told.add(error.message);
      this.#options.log(`a request was refused: ${error.message}`);
    }
    refuse(request, response, error);
  }
}

const withoutSession = () =>
  new Refusal(
    400,
    'Begin with an initialize request. Its answer has the header Mcp-Session-Id, which all others have to send.',
  );

/** The SDK never answers a cancelled request, and would keep its stream open. */
function endStream(transport: StreamableHTTPServerTransport, id: string | number): void {
  transport.closeSSEStream(id);
  // Nobody hears this any more: it makes the transport forget the request.
  transport.send({ jsonrpc: '2.0', id, error: { code: -32000, message: 'cancelled' } }).catch(() => {});
}
