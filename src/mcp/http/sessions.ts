import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Refusal } from './refusal.ts';
import { Turns, type TurnLimits } from './turns.ts';

export interface SessionLimits extends TurnLimits {
  readonly sessions: number;
  /** Milliseconds that a session may be out of use. */
  readonly idle: number;
}

/** Whoever answers in a session. */
export interface Peer {
  close(): Promise<void>;
}

/** Makes who answers in a session, of which it is told this much. */
export type MakePeer<P> = (session: { readonly id: string } & Pick<Turns, 'inTurn'>) => P;

/** A client's time with us. It is in use while a response is open or a call under way, and begins to age after that. */
export class Session<P extends Peer> {
  readonly id = randomUUID();
  readonly turns: Turns;
  readonly peer: P;
  #aging: NodeJS.Timeout | undefined;
  #responses = 0;

  constructor(limits: SessionLimits, makePeer: MakePeer<P>) {
    this.turns = new Turns(limits);
    this.peer = makePeer({ id: this.id, inTurn: this.turns.inTurn });
    this.#aging = setTimeout(() => this.#age(), limits.idle).unref();
  }

  get busy(): boolean {
    return this.#responses > 0 || this.turns.busy;
  }

  use(response: ServerResponse): void {
    this.#responses++;
    response.once('close', () => {
      this.#responses--;
      this.#aging?.refresh();
    });
  }

  /** Its peer is gone. */
  over(): void {
    clearTimeout(this.#aging);
    this.#aging = undefined;
  }

  #age(): void {
    if (this.busy) this.#aging?.refresh();
    else void this.peer.close();
  }
}

/** All sessions that are not over. */
export class Sessions<P extends Peer> {
  readonly #limits: SessionLimits;
  /** In the order of their use. */
  readonly #all = new Map<string, Session<P>>();
  #closed = false;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  /** Begins one; if there are too many, the one that is longest out of use gives way. */
  begin(makePeer: MakePeer<P>): Session<P> {
    if (this.#closed) throw new Refusal(503, 'The server is being stopped: nothing was done.');
    if (this.#all.size >= this.#limits.sessions) this.#makeRoom();
    const session = new Session(this.#limits, makePeer);
    this.#all.set(session.id, session);
    return session;
  }

  /** The session of an id, which is about to be used. */
  find(id: string): Session<P> {
    const session = this.#all.get(id);
    if (!session) {
      throw new Refusal(
        404,
        'This session is over, or never was. Begin another with initialize.',
        {},
        -32001,
      );
    }
    this.#all.delete(id);
    this.#all.set(id, session);
    return session;
  }

  /** Its peer is gone. */
  forget(id: string): void {
    this.#all.get(id)?.over();
    this.#all.delete(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#all.values()].map(({ peer }) => peer.close()));
  }

  #makeRoom(): void {
    const oldest = [...this.#all.values()].find(({ busy }) => !busy);
    if (!oldest) {
      const most = this.#limits.sessions;
      throw new Refusal(503, `All ${most} sessions are in use. End one, or try again later.`, {
        'Retry-After': '60',
      });
    }
    void oldest.peer.close();
  }
}
