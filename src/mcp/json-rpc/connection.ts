import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type {
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
  RequestId,
  Result,
} from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../../lib/error.ts';
import { cancelledBy, errorCode, isMembers, isRequest, RpcError } from './message.ts';

/** What a handler knows about its request. */
export interface RequestContext {
  readonly id: RequestId;
  /** Aborts when the client cancels the request or the connection is closed. */
  readonly signal: AbortSignal;
  /** Sends a notification to the client during the request. */
  readonly notify: (method: string, params: JSONRPCNotification['params']) => Promise<void>;
  /** Sends a request to the client during the request. Throws RpcError if it fails or takes too long. */
  readonly request: (method: string, params: JSONRPCRequest['params'], timeoutMs: number) => Promise<Result>;
}

/** Receives what the client sends. */
export interface Handlers {
  request(request: JSONRPCRequest, context: RequestContext): Promise<Result>;
  notification(notification: JSONRPCNotification): void;
  /** Called when the connection is closed by either side. */
  closed(): void;
}

type Answer = (response: Result | Error) => void;

/** JSON-RPC in both directions over a transport, with cancellation. */
export class Connection {
  readonly #handlers: Handlers;
  #transport: Transport | undefined;
  #nextId = 0;
  /** The client's requests that have no response yet. */
  readonly #running = new Map<RequestId, AbortController>();
  /** Receive the responses to our requests. */
  readonly #answers = new Map<number, Answer>();

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  get transport(): Transport | undefined {
    return this.#transport;
  }

  async connect(transport: Transport): Promise<void> {
    this.#transport = transport;
    const receivers = {
      onclose: () => this.#closed(),
      onmessage: (message: JSONRPCMessage) => this.#receive(message),
    };
    await Object.assign(transport, receivers).start();
  }

  async close(): Promise<void> {
    await this.#transport?.close();
  }

  #request(
    transport: Transport,
    message: Pick<JSONRPCRequest, 'method' | 'params'>,
    {
      relatedRequestId,
      signal,
      timeoutMs,
    }: { relatedRequestId: RequestId; signal: AbortSignal; timeoutMs: number },
  ): Promise<Result> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const end = (response: Result | Error): void => {
        this.#answers.delete(id);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        if (response instanceof Error) reject(response);
        else resolve(response);
      };
      const cancel = (reason: string): void => {
        end(new RpcError(errorCode.requestTimeout, reason));
        const notice = { method: 'notifications/cancelled', params: { requestId: id, reason } };
        transport.send({ jsonrpc: '2.0', ...notice }, { relatedRequestId }).catch(() => {}); // the client has disconnected
      };
      const onAbort = () => cancel(String(signal.reason));
      const timer = setTimeout(() => cancel('Request timed out'), timeoutMs);
      signal.addEventListener('abort', onAbort);
      this.#answers.set(id, end);
      transport.send({ jsonrpc: '2.0', id, ...message }, { relatedRequestId }).catch(end);
    });
  }

  #receive(message: JSONRPCMessage): void {
    if (isRequest(message)) void this.#handle(message);
    else if ('method' in message) this.#notified(message);
    else this.#answers.get(Number(message.id))?.('result' in message ? message.result : failureOf(message));
  }

  #notified(notification: JSONRPCNotification): void {
    const cancelled = cancelledBy(notification);
    if (cancelled === undefined) this.#handlers.notification(notification);
    else this.#running.get(cancelled)?.abort(notification.params?.['reason']);
  }

  /** Handles a request and sends the response, unless it was cancelled. */
  async #handle(request: JSONRPCRequest): Promise<void> {
    const { id } = request;
    const transport = this.#transport;
    const controller = new AbortController();
    const { signal } = controller;
    this.#running.set(id, controller);
    const context: RequestContext = {
      id,
      signal,
      notify: async (method, params) => {
        if (!signal.aborted)
          await transport?.send({ jsonrpc: '2.0', method, params }, { relatedRequestId: id });
      },
      request: async (method, params, timeoutMs) => {
        signal.throwIfAborted();
        if (!transport) throw closedError();
        return this.#request(transport, { method, params }, { relatedRequestId: id, signal, timeoutMs });
      },
    };
    try {
      const response = await this.#responseTo(request, context);
      if (!signal.aborted) await transport?.send(response);
    } catch {
      // The client has disconnected.
    } finally {
      if (this.#running.get(id) === controller) this.#running.delete(id);
    }
  }

  async #responseTo(request: JSONRPCRequest, context: RequestContext): Promise<JSONRPCMessage> {
    const { id } = request;
    try {
      return { jsonrpc: '2.0', id, result: await this.#handlers.request(request, context) };
    } catch (error) {
      return { jsonrpc: '2.0', id, error: { code: rpcCodeOf(error), message: messageOf(error) } };
    }
  }

  #closed(): void {
    this.#transport = undefined;
    for (const controller of this.#running.values()) controller.abort();
    this.#running.clear();
    this.#handlers.closed();
    for (const answer of this.#answers.values()) answer(closedError());
  }
}

const closedError = (): RpcError => new RpcError(errorCode.connectionClosed, 'Connection closed');

const failureOf = ({ error }: Extract<JSONRPCMessage, { error: object }>): RpcError =>
  new RpcError(error.code, error.message);

const rpcCodeOf = (error: unknown): number =>
  isMembers(error) && typeof error['code'] === 'number' && Number.isSafeInteger(error['code'])
    ? error['code']
    : errorCode.internalError;
