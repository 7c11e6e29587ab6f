/** Maximum number of calls in one request. */
const maxJoined = 10;

/** Sends calls one after the other: Anki handles one request at a time and drops more than five. */
export class RequestQueue<C extends { readonly joins: boolean }> {
  readonly #send: (calls: readonly C[]) => Promise<void>;
  readonly #waiting: C[] = [];
  #busy = false;

  /** `send` receives the next call, or several neighbours that may be joined. The order never changes. */
  constructor(send: (calls: readonly C[]) => Promise<void>) {
    this.#send = send;
  }

  add(call: C): void {
    this.#waiting.push(call);
    if (!this.#busy) void this.#run();
  }

  /** Removes a call that is still waiting. */
  remove(call: C): void {
    const index = this.#waiting.indexOf(call);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, this.#nextCount()));
    this.#busy = false;
  }

  #nextCount(): number {
    const end = this.#waiting.findIndex(({ joins }, index) => !joins || index === maxJoined);
    return Math.max(1, end < 0 ? this.#waiting.length : end);
  }
}
