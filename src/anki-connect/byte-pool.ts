interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

/** A limit for bytes that are in memory at the same time. Whoever finds no room waits in line. */
export class BytePool {
  #free: number;
  #waiting: readonly Waiting[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** Takes bytes as soon as they are free. Returns false if `signal` ends the wait. */
  async reserve(bytes: number, signal: AbortSignal): Promise<boolean> {
    if (this.#waiting.length === 0 && bytes <= this.#free) {
      this.#free -= bytes;
      return true;
    }
    if (signal.aborted) return false;
    return new Promise((resolve) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        resolve(false);
        this.#admit();
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      const waiting: Waiting = { bytes, enter };
      this.#waiting = [...this.#waiting, waiting];
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Takes bytes at once, even if they are not free: later reservations wait for them. */
  take(bytes: number): void {
    this.#free -= bytes;
  }

  /** Gives bytes back. */
  release(bytes: number): void {
    this.#free += bytes;
    this.#admit();
  }

  #admit(): void {
    for (;;) {
      const [first, ...others] = this.#waiting;
      if (!first || first.bytes > this.#free) return;
      this.#waiting = others;
      this.#free -= first.bytes;
      first.enter();
    }
  }
}
