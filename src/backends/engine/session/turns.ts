import { Unavailable } from '../../../contract/errors.ts';
import { oneAtATime } from '../../../lib/one-at-a-time.ts';

interface TurnHooks {
  /** Called at the begin and at the end of each turn. */
  readonly begin: () => void;
  readonly end: (isWrite: boolean) => Promise<void>;
}

/** Runs work in turns, one after the other, and keeps what it still does in the background after its turn. */
export class Turns {
  readonly #hooks: TurnHooks;
  #isWriting = false;
  #isClosing = false;
  readonly #background = new Set<Promise<void>>();

  constructor(hooks: TurnHooks) {
    this.#hooks = hooks;
  }

  /** True while work runs that may change the collection or a server. */
  get isWriting(): boolean {
    return this.#isWriting || this.hasBackground;
  }

  get hasBackground(): boolean {
    return this.#background.size > 0;
  }

  /** Runs work when its turn comes. Throws Unavailable if the last turn is waiting then. */
  take<T>(isWrite: boolean, work: () => Promise<T>): Promise<T> {
    return this.next(async () => {
      if (this.#isClosing) throw new Unavailable('The server is shutting down. Nothing was changed.');
      this.#hooks.begin();
      this.#isWriting = isWrite;
      try {
        return await work();
      } finally {
        await this.#hooks.end(isWrite);
        this.#isWriting = false;
      }
    });
  }

  /** Runs work that is no call when its turn comes. */
  readonly next = oneAtATime();

  /** Runs work after the running turn, and refuses the turns that wait. */
  async close(work: () => Promise<void>): Promise<void> {
    this.#isClosing = true;
    try {
      await this.next(work);
    } finally {
      this.#isClosing = false;
    }
  }

  async inBackground(work: Promise<void>): Promise<void> {
    this.#background.add(work);
    try {
      await work;
    } finally {
      this.#background.delete(work);
    }
  }

  /** Resolves when nothing is done in the background any more. */
  async backgroundEnded(): Promise<void> {
    await Promise.allSettled(this.#background);
  }
}
