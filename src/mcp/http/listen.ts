import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Caller } from '../../oauth/access.ts';
import { AccessControl, refused, type AccessOptions } from './access-control.ts';
import { messageIn, readJson } from './body.ts';
import { cancelledBy } from '../json-rpc/message.ts';
import { errorBody, HttpError, sendError } from './http-error.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { Enqueue } from './session-queue.ts';
import { SessionTransport } from './session-transport.ts';
import { Sessions, type Connection, type Session } from './sessions.ts';
import { listen, refuseSocket } from '../../lib/listen.ts';
import { isLoopback } from '../../lib/loopback.ts';

export interface HttpOptions extends AccessOptions {
  readonly port: number;
  readonly log: (message: string) => void;
  /** Creates the MCP server of a session. It must run its tool calls with `enqueue`. */
  readonly sessionServer: (session: {
    readonly enqueue: Enqueue;
    readonly readOnly: boolean;
  }) => SessionServer;
  /** Returns true for a tool that is only for callers who may change something. */
  readonly isWriting?: (tool: string) => boolean;
  readonly limits?: Partial<Limits>;
}

/** The MCP server of a session. */
export interface SessionServer {
  connect(transport: Transport): Promise<void>;
  close(): Promise<void>;
}

export interface HttpListener {
  readonly url: string;
  /** Ends all sessions, streams and connections. */
  readonly close: () => Promise<void>;
}

/** Starts MCP over Streamable HTTP, with one MCP server for each session. */
export async function listenHttp(options: HttpOptions): Promise<HttpListener> {
  const endpoint = new HttpEndpoint(options);
  const url = `${await listen(endpoint.http, options.host, options.port, 'another ankiwright')}/mcp`;
  if (!isLoopback(new URL(url).hostname)) {
    options.log(
      `${options.host} can be reached from other machines, and HTTP is not encrypted: others on the network can read the token and all cards. If you do not trust the network, put a TLS proxy in front of it.`,
    );
  }
  return { url, close: () => endpoint.close() };
}

/** The transport of a session. */
interface McpConnection extends Connection {
  readonly transport: SessionTransport;
}

/** Milliseconds that open streams have to end after `close`. */
const closeTimeoutMs = 300;

class HttpEndpoint {
  readonly http: HttpServer;
  readonly #options: HttpOptions;
  readonly #limits: Limits;
  readonly #access: AccessControl;
  readonly #sessions: Sessions<McpConnection>;
  readonly #logged = new Set<string>();

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#access = new AccessControl(options);
    this.#sessions = new Sessions(this.#limits);
    options.access?.onEnd((callerId) => this.#sessions.closeOf(callerId));
    const lastResponses = new WeakMap<Socket, ServerResponse>();
    const { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval } = this.#limits;
    const timeouts = { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval };
    this.http = createServer({ ...timeouts, requireHostHeader: false }, (request, response) => {
      const { socket } = request;
      lastResponses.set(socket, response);
      // The SDK sends Connection: keep-alive even to a client that waits for the end of the connection.
      if (!response.shouldKeepAlive) response.once('finish', () => socket.destroySoon());
      this.#handle(request, response).catch((error: unknown) => this.#fail(error, request, response));
    });
    this.http.maxConnections = this.#limits.maxConnections;
    this.http.on('clientError', (error, socket: Socket) => {
      const last = lastResponses.get(socket);
      // An error response cannot follow a response that is already being sent.
      if (last?.headersSent && !last.writableEnded) socket.destroy();
      else refuseSocket(error, socket, 'This is not an HTTP request.', errorBody);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.http.close(resolve));
    await this.#sessions.close();
    const timer = setTimeout(() => this.http.closeAllConnections(), closeTimeoutMs);
    await closed;
    clearTimeout(timer);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const caller = await this.#access.check(request, response);
    if (caller === 'answered') return;
    const session = this.#sessionOf(request, caller);
    session?.use(response);
    if (request.method === 'POST') {
      const json = await readJson(request, this.#limits.maxBodyBytes);
      if (session?.connection.transport.endsQuestion(json)) throw invalidAnswer();
      const message = messageIn(json);
      this.#checkScope(message, caller);
      await this.#receive(message, { session, caller }, request, response);
    } else if (session) await session.connection.transport.handleRequest(request, response);
    else throw noSession();
  }

  #sessionOf({ headers }: IncomingMessage, caller: Caller): Session<McpConnection> | undefined {
    const id = headers['mcp-session-id'];
    return id === undefined ? undefined : this.#sessions.get(String(id), caller);
  }

  /** A client may know a tool from before: the refusal says that it needs more permission. */
  #checkScope(message: object, { readOnly }: Caller): void {
    const { access, isWriting } = this.#options;
    if (!readOnly || !access || !isWriting) return;
    const { data } = toolCall.safeParse(message);
    if (data && isWriting(data.params.name)) throw refused(access.insufficientScope());
  }

  async #receive(
    message: object,
    { session: existing, caller }: { session: Session<McpConnection> | undefined; caller: Caller },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (!existing && !isInitializeRequest(message)) throw noSession();
    const session = existing ?? this.#sessions.open(caller, (opened) => this.#connect(opened));
    if (!existing) session.use(response);
    const { transport } = session.connection;
    transport.opened(message, response);
    await transport.handleRequest(request, response, message);
    if (transport.sessionId === undefined) await session.connection.close(); // the SDK rejected initialize
    const cancelled = cancelledBy(message);
    if (cancelled !== undefined) endStream(transport, cancelled);
  }

  #connect({ id, caller, enqueue }: { id: string; caller: Caller; enqueue: Enqueue }): McpConnection {
    const server = this.#options.sessionServer({ enqueue, readOnly: caller.readOnly });
    const remove = () => this.#sessions.remove(id);
    const transport = new SessionTransport({
      sessionIdGenerator: () => id,
      onsessionclosed: remove,
    });
    // The transport's start does nothing, so the server is connected before the promise resolves.
    void server.connect(transport);
    const close = async () => {
      remove();
      await server.close();
    };
    return { transport, close };
  }

  #fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (response.destroyed || request.socket.destroyed) return; // the client has disconnected
    if (!(error instanceof HttpError)) {
      this.#options.log(`a request failed: ${String(error)}`);
      return sendError(request, response, new HttpError(500, 'Internal error. See the log of the server.'));
    }
    // Users often see the log and not the response. Each message is logged once, because strangers may repeat requests.
    if ([401, 403].includes(error.status) && !this.#logged.has(error.message)) {
      this.#logged.add(error.message);
      this.#options.log(`a request was refused: ${error.message}`);
    }
    sendError(request, response, error);
  }
}

/** The part of a tools/call request that decides whether it is allowed. */
const toolCall = z.object({ method: z.literal('tools/call'), params: z.object({ name: z.string() }) });

const noSession = () =>
  new HttpError(
    400,
    'The header Mcp-Session-Id is missing. Send an initialize request first; its response has this header, and all other requests must send it.',
  );

const invalidAnswer = () =>
  new HttpError(
    400,
    'This answer to a question is invalid, so the call that asked it has failed; nothing was changed. An answer needs "jsonrpc": "2.0", the id of the question, and either a result with an action (accept, decline or cancel) or an error.',
    {},
    -32600,
  );

/** Ends the stream of a cancelled request. The SDK sends no response to it and would keep the stream open. */
function endStream(transport: SessionTransport, id: string | number): void {
  transport.closeSSEStream(id);
  // No client receives this. It makes the transport forget the request.
  transport.send({ jsonrpc: '2.0', id, error: { code: -32000, message: 'cancelled' } }).catch(() => {});
}
