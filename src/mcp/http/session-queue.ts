import type { Pause } from '../../contract/backend.ts';
import { Unavailable } from '../../contract/errors.ts';

/** Runs work when the queue allows it. If the signal aborts before, the work never starts. A paused work has no turn. */
export type Enqueue = <T>(work: (pause: Pause) => Promise<T>, signal?: AbortSignal) => Promise<T>;

export interface QueueLimits {
  /** Maximum number of calls of one session that run at the same time. */
  readonly maxRunning: number;
  /** Maximum number of calls of one session that wait or are paused. Calls that can run at once are never refused. */
  readonly maxWaiting: number;
}

/** Calls that wait for a turn, oldest first. */
type Line = Set<() => void>;

/** The calls of one session. A few run at the same time; the others wait here, so that they do not delay other sessions. */
export class SessionQueue {
  readonly #limits: QueueLimits;
  readonly #waiting: Line = new Set();
  /** Calls that want their turn back after a pause. They go first. */
  readonly #returning: Line = new Set();
  #running = 0;
  #paused = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get busy(): boolean {
    return this.#running + this.#paused + this.#waiting.size > 0;
  }

  readonly enqueue: Enqueue = async (work, signal) => {
    signal?.throwIfAborted();
    let hasTurn = false;
    const giveBack = () => {
      if (hasTurn) this.#startNext();
      hasTurn = false;
    };
    const pause: Pause = async (wait) => {
      giveBack();
      this.#paused++;
      try {
        const result = await wait();
        if (!this.#takeFreeTurn()) await this.#wait(this.#returning, signal);
        hasTurn = true;
        return result;
      } finally {
        this.#paused--;
      }
    };
    try {
      if (!this.#takeFreeTurn()) await this.#wait(this.#waiting, signal);
      hasTurn = true;
      return await work(pause);
    } finally {
      giveBack();
    }
  };

  #takeFreeTurn(): boolean {
    const isFree = this.#running < this.#limits.maxRunning;
    if (isFree) this.#running++;
    return isFree;
  }

  #wait(line: Line, signal: AbortSignal | undefined): Promise<void> {
    if (line === this.#waiting && line.size + this.#paused >= this.#limits.maxWaiting) {
      throw new Unavailable(
        `Nothing was done: ${this.#limits.maxWaiting} calls of this session are already waiting. Repeat this call when some of them have finished.`,
      );
    }
    return new Promise((resolve, reject) => {
      const start = () => {
        signal?.removeEventListener('abort', cancel);
        resolve();
      };
      const cancel = () => {
        line.delete(start);
        reject(signal?.reason);
      };
      line.add(start);
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** Starts the call that has waited longest. It takes the place of the finished one, so the number of running calls stays. */
  #startNext(): void {
    const line = this.#returning.size > 0 ? this.#returning : this.#waiting;
    const [start] = line;
    if (start === undefined) this.#running--;
    else {
      line.delete(start);
      start();
    }
  }
}
