import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Caller } from '../../oauth/access.ts';
import { HttpError } from './http-error.ts';
import { SessionQueue, type Enqueue, type QueueLimits } from './session-queue.ts';

export interface SessionLimits extends QueueLimits {
  readonly maxSessions: number;
  /** Milliseconds after which an unused session is closed. */
  readonly idleTimeoutMs: number;
}

/** What handles the messages of a session. */
export interface Connection {
  close(): Promise<void>;
}

/** Creates the connection of a new session. */
export type Connect<C> = (session: {
  readonly id: string;
  readonly caller: Caller;
  readonly enqueue: Enqueue;
}) => C;

/** An MCP session. It is in use while a response is open or a call runs or waits. The idle timeout starts after that. */
export class Session<C extends Connection> {
  readonly id = randomUUID();
  readonly caller: Caller;
  readonly connection: C;
  readonly #queue: SessionQueue;
  #idleTimer: NodeJS.Timeout | undefined;
  #openResponses = 0;

  constructor(caller: Caller, limits: SessionLimits, connect: Connect<C>) {
    this.caller = caller;
    this.#queue = new SessionQueue(limits);
    this.connection = connect({ id: this.id, caller, enqueue: this.#queue.enqueue });
    this.#idleTimer = setTimeout(() => this.#onIdleTimeout(), limits.idleTimeoutMs).unref();
  }

  get busy(): boolean {
    return this.#openResponses > 0 || this.#queue.busy;
  }

  /** Counts the session as in use until the response is closed. */
  use(response: ServerResponse): void {
    this.#openResponses++;
    response.once('close', () => {
      this.#openResponses--;
      this.#idleTimer?.refresh();
    });
  }

  stopIdleTimer(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
  }

  #onIdleTimeout(): void {
    if (this.busy) this.#idleTimer?.refresh();
    else void this.connection.close();
  }
}

/** All open sessions. */
export class Sessions<C extends Connection> {
  readonly #limits: SessionLimits;
  /** Sorted by last use, the oldest first. */
  readonly #sessions = new Map<string, Session<C>>();
  #closed = false;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  /** Opens a session. At the limit, closes the session that has been unused longest; throws if all are in use. */
  open(caller: Caller, connect: Connect<C>): Session<C> {
    if (this.#closed) throw new HttpError(503, 'Nothing was done: the server is being stopped.');
    if (this.#sessions.size >= this.#limits.maxSessions) this.#closeOldest();
    const session = new Session(caller, this.#limits, connect);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Returns the caller's session with this id and marks it as last used. Throws if there is none. */
  get(id: string, caller: Caller): Session<C> {
    const session = this.#sessions.get(id);
    const isOwn = session?.caller.id === caller.id && session.caller.readOnly === caller.readOnly;
    if (!session || !isOwn) {
      throw new HttpError(
        404,
        'This session has ended or never existed. Send an initialize request to open a new one.',
        {},
        -32001,
      );
    }
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** Removes a session whose connection is closed. */
  remove(id: string): void {
    this.#sessions.get(id)?.stopIdleTimer();
    this.#sessions.delete(id);
  }

  /** Closes the sessions of a caller whose access has ended. */
  closeOf(callerId: string): void {
    for (const { caller, connection } of this.#sessions.values())
      if (caller.id === callerId) void connection.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#sessions.values()].map(({ connection }) => connection.close()));
  }

  #closeOldest(): void {
    const oldest = [...this.#sessions.values()].find(({ busy }) => !busy);
    if (!oldest) {
      throw new HttpError(
        503,
        `All ${this.#limits.maxSessions} sessions are in use. End one, or try again later.`,
        { 'Retry-After': '60' },
      );
    }
    void oldest.connection.close();
  }
}
