import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

/** Milliseconds from a wrong try to the next, of all people together. A lockout would let a stranger keep the owner out. */
const paceMs = 1000;
const maxWaiting = 50;
const logIntervalMs = 60_000;

/** Outcome of a try. `busy`: it was not compared, because too many others came later. */
export type Verdict = 'right' | 'wrong' | 'busy';

interface Try {
  readonly password: string;
  readonly resolve: (verdict: Verdict) => void;
}

/** Checks the owner's password, one try at a time, the newest first: so a burst of wrong tries does not delay the owner. */
export class Owner {
  readonly #salt = randomBytes(16);
  readonly #hash: Promise<Buffer>;
  readonly #log: (message: string) => void;
  readonly #waiting: Try[] = [];
  #isChecking = false;
  #nextAt = 0;
  #wrong = 0;
  #loggedAt = -Infinity;

  constructor(password: string, log: (message: string) => void) {
    this.#hash = this.#derive(password);
    this.#log = log;
  }

  check(password: string): Promise<Verdict> {
    return new Promise((resolve) => {
      this.#waiting.push({ password, resolve });
      if (this.#waiting.length > maxWaiting) this.#waiting.shift()?.resolve('busy');
      if (!this.#isChecking) void this.#checkAll();
    });
  }

  async #checkAll(): Promise<void> {
    this.#isChecking = true;
    while (this.#waiting.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.#nextAt - performance.now()));
      const next = this.#waiting.pop();
      if (next) next.resolve(await this.#compare(next.password));
    }
    this.#isChecking = false;
  }

  async #compare(password: string): Promise<Verdict> {
    const isRight = timingSafeEqual(await this.#derive(password), await this.#hash);
    if (!isRight) this.#delayNext();
    return isRight ? 'right' : 'wrong';
  }

  /** Keyboards and editors write the same letter in different forms of Unicode. */
  #derive(password: string): Promise<Buffer> {
    return derive(password.normalize('NFC'), this.#salt, 32);
  }

  #delayNext(): void {
    this.#nextAt = performance.now() + paceMs;
    this.#wrong++;
    if (performance.now() - this.#loggedAt < logIntervalMs) return;
    this.#log(`wrong owner password on the consent page (${this.#wrong} since the last report)`);
    this.#loggedAt = performance.now();
    this.#wrong = 0;
  }
}
