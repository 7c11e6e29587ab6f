import type { RequestId } from '@modelcontextprotocol/sdk/types.js';

/** The requests that have no response yet, with their sizes in bytes. */
export class PendingRequests {
  readonly #sizes = new Map<RequestId, number>();
  #bytes = 0;

  get size(): number {
    return this.#sizes.size;
  }

  exceeds(maxRequests: number, maxBytes: number): boolean {
    return this.#sizes.size > maxRequests || this.#bytes > maxBytes;
  }

  add(id: RequestId, bytes: number): void {
    this.delete(id);
    this.#sizes.set(id, bytes);
    this.#bytes += bytes;
  }

  delete(id: RequestId | undefined): void {
    if (id === undefined) return;
    this.#bytes -= this.#sizes.get(id) ?? 0;
    this.#sizes.delete(id);
  }
}
