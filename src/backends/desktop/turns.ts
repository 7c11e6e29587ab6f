const mostTogether = 10;

/** Calls take turns in the order they came: Anki carries out one request at a time anyway, and drops more than five. */
export class Turns<C extends { readonly joins: boolean }> {
  readonly #carryOut: (calls: readonly C[]) => Promise<void>;
  readonly #waiting: C[] = [];
  #busy = false;

  /** Calls that may be joined, and wait side by side, are carried out together; nothing is moved past another call. */
  constructor(carryOut: (calls: readonly C[]) => Promise<void>) {
    this.#carryOut = carryOut;
  }

  queue(call: C): void {
    this.#waiting.push(call);
    if (!this.#busy) void this.#run();
  }

  /** Takes out a call that waits, if it does. */
  leave(call: C): void {
    const place = this.#waiting.indexOf(call);
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) await this.#carryOut(this.#waiting.splice(0, this.#nextCount()));
    this.#busy = false;
  }

  #nextCount(): number {
    const end = this.#waiting.findIndex(({ joins }, index) => !joins || index === mostTogether);
    return Math.max(1, end < 0 ? this.#waiting.length : end);
  }
}
