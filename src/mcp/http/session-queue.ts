import { Unavailable } from '../../contract/errors.ts';

/** Runs work when the queue allows it. If the signal aborts before, the work never starts. */
export type Enqueue = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export interface QueueLimits {
  /** Maximum number of calls of one session that run at the same time. */
  readonly maxRunning: number;
  /** Maximum number of calls of one session that wait. */
  readonly maxWaiting: number;
}

/** The calls of one session. A few run at the same time; the others wait here, so that they do not delay other sessions. */
export class SessionQueue {
  readonly #limits: QueueLimits;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get busy(): boolean {
    return this.#running > 0 || this.#waiting.size > 0;
  }

  readonly enqueue: Enqueue = async (work, signal) => {
    signal?.throwIfAborted();
    if (this.#running < this.#limits.maxRunning) this.#running++;
    else await this.#wait(signal);
    try {
      return await work();
    } finally {
      this.#startNext();
    }
  };

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.#limits.maxWaiting) {
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
        this.#waiting.delete(start);
        reject(signal?.reason);
      };
      this.#waiting.add(start);
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** Starts the call that has waited longest. It takes the place of the finished one, so the number of running calls stays. */
  #startNext(): void {
    const [start] = this.#waiting;
    if (start === undefined) this.#running--;
    else {
      this.#waiting.delete(start);
      start();
    }
  }
}
