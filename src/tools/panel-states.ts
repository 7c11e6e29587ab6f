import { randomBytes, randomUUID } from 'node:crypto';

/** What a panel shows and changes. It is kept here, because a host may show a panel again or twice. */
export interface PanelState {
  /** Only the panel knows it: the model does not see this part of the result. */
  readonly id: string;
  /** The MCP session of the model. */
  readonly client: AbortSignal;
}

export const newId = (): string => randomUUID();

/** Returns a token that permits one action on a state as it is now. Only views of a panel contain it. */
export const newToken = (): string => randomBytes(16).toString('hex');

interface Limits<S> {
  readonly count: number;
  readonly bytes?: number;
  readonly bytesOf?: (state: S) => number;
}

/** The states of one kind of panel over all sessions. The oldest are dropped beyond the limits, others when their session ends. */
export class PanelStates<S extends PanelState> {
  readonly #states = new Map<string, S>();
  readonly #clients = new WeakSet<AbortSignal>();
  readonly #limits: Limits<S>;

  constructor(limits: Limits<S>) {
    this.#limits = limits;
  }

  keep(state: S): S {
    const { count, bytes = Infinity, bytesOf = () => 0 } = this.#limits;
    this.#states.set(state.id, state);
    this.#dropAtTheEndOf(state.client);
    let total = [...this.#states.values()].reduce((sum, each) => sum + bytesOf(each), 0);
    for (const [id, each] of this.#states) {
      if (id === state.id || (this.#states.size <= count && total <= bytes)) break;
      this.#states.delete(id);
      total -= bytesOf(each);
    }
    return state;
  }

  #dropAtTheEndOf(client: AbortSignal): void {
    if (this.#clients.has(client)) return;
    this.#clients.add(client);
    const drop = () => {
      for (const [id, each] of this.#states) if (each.client === client) this.#states.delete(id);
    };
    client.addEventListener('abort', drop, { once: true });
  }

  get(id: string): S | undefined {
    return this.#states.get(id);
  }

  /** Returns the newest state of a session. */
  lastOf(session: AbortSignal): S | undefined {
    return [...this.#states.values()].findLast(({ client }) => client === session);
  }
}
