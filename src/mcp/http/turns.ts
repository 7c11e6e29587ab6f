import { Unavailable } from '../../contract/errors.ts';

/** Lets work begin when its turn has come. Work that still waits when the signal aborts never begins. */
export type InTurn = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export interface TurnLimits {
  /** Calls of one session that are carried out at the same time. */
  readonly underWay: number;
  /** Calls of one session that wait for those. */
  readonly waiting: number;
}

/** The calls of one session: a few are under way, the others wait here, where they are in nobody's way. */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #waiting = new Set<() => void>();
  #underWay = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  get busy(): boolean {
    return this.#underWay > 0 || this.#waiting.size > 0;
  }

  readonly inTurn: InTurn = async (work, signal) => {
    signal?.throwIfAborted();
    if (this.#underWay < this.#limits.underWay) this.#underWay++;
    else await this.#wait(signal);
    try {
      return await work();
    } finally {
      this.#next();
    }
  };

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.#limits.waiting) {
      throw new Unavailable(
        `${this.#limits.waiting} calls of this session are waiting already: nothing was done. Send this one again when some of them are answered.`,
      );
    }
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.delete(begin);
        reject(signal?.reason);
      };
      this.#waiting.add(begin);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** Hands the turn to the call that has waited longest. */
  #next(): void {
    const [begin] = this.#waiting;
    if (begin === undefined) this.#underWay--;
    else {
      this.#waiting.delete(begin);
      begin();
    }
  }
}
