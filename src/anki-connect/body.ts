import type { IncomingMessage } from 'node:http';
import type { Json } from '../lib/json.ts';
import { BytePool } from './byte-pool.ts';
import { sendsKey } from './sent-key.ts';

/** A body up to this size is read from everybody. A connection needs as much memory anyway. */
export const smallBodyBytes = 64 * 1024;

/** An oversized body is drained up to this multiple of the limit, so that the client receives the response. */
const drainFactor = 4;

/** Large bodies that each pool has room for. */
const largeBodies = 2;

export interface BodyLimits {
  readonly maxBodyBytes: number;
  /** Maximum milliseconds between two chunks of a body. */
  readonly idleTimeoutMs: number;
  /** Maximum milliseconds that a large body waits until others are done. */
  readonly waitMs: number;
}

export type Body = Buffer | 'too large' | 'no room';

export interface Received {
  readonly body: Body;
  /** Gives the memory of the body back. Must be called once the request is answered. */
  readonly release: () => void;
}

/** Reads request bodies and limits the memory of all of them together. */
export class BodyReader {
  readonly #limits: BodyLimits;
  readonly #acceptsKey: (key: Json) => boolean;
  /** Room for senders whose key was seen in the first bytes; for everybody if no key is configured. */
  readonly #known: BytePool;
  /** Room for the others: a stranger cannot take the room of a client that sends its key first. */
  readonly #unknown: BytePool;

  constructor(limits: BodyLimits, acceptsKey: (key: Json) => boolean) {
    this.#limits = limits;
    this.#acceptsKey = acceptsKey;
    this.#known = new BytePool(limits.maxBodyBytes * largeBodies);
    this.#unknown = new BytePool(limits.maxBodyBytes * largeBodies);
  }

  /** Returns true if a large body may be parsed: it takes much memory, so a stranger's is not. */
  mayParse(body: Buffer): boolean {
    return body.length <= smallBodyBytes || this.#isKnown(body);
  }

  /** Reads a body. Returns 'gone' if the client disconnects, sends nothing for a while, or exceeds the drained bytes. */
  async read(request: IncomingMessage, maxBodyBytes = this.#limits.maxBodyBytes): Promise<Received | 'gone'> {
    const { socket } = request;
    const chunks: Buffer[] = [];
    let size = 0;
    const declared = Number(request.headers['content-length'] ?? 0);
    let refusal: 'too large' | 'no room' | undefined = declared > maxBodyBytes ? 'too large' : undefined;
    let release: (() => void) | undefined;
    request.setTimeout(this.#limits.idleTimeoutMs);
    try {
      for await (const chunk of request) {
        size += chunk.length;
        if (!refusal) chunks.push(chunk);
        if (size > maxBodyBytes) refusal = 'too large';
        else if (size > smallBodyBytes && !release && !refusal) {
          release = await this.#reserve(request, Buffer.concat(chunks));
          if (!release) refusal = 'no room';
        }
        if (refusal) chunks.length = 0;
        if (size > this.#limits.maxBodyBytes * drainFactor) socket.destroy();
      }
    } catch {
      release?.();
      return 'gone';
    }
    request.setTimeout(0); // an action may take long
    return { body: refusal ?? Buffer.concat(chunks, size), release: release ?? (() => {}) };
  }

  /** Reserves memory for a whole body, so that two half-read bodies never wait for each other. */
  async #reserve(request: IncomingMessage, start: Buffer): Promise<(() => void) | undefined> {
    const { maxBodyBytes, waitMs, idleTimeoutMs } = this.#limits;
    const declared = Number(request.headers['content-length'] ?? maxBodyBytes);
    const bytes = Math.min(declared, maxBodyBytes);
    const pool = this.#isKnown(start) ? this.#known : this.#unknown;
    const disconnected = new AbortController();
    const onClose = () => disconnected.abort();
    request.socket.once('close', onClose);
    request.setTimeout(0); // nothing is read while the request waits
    const found = await pool.reserve(
      bytes,
      AbortSignal.any([disconnected.signal, AbortSignal.timeout(waitMs)]),
    );
    request.socket.off('close', onClose);
    request.setTimeout(idleTimeoutMs);
    return found ? () => pool.release(bytes) : undefined;
  }

  #isKnown(body: Buffer): boolean {
    return this.#acceptsKey(null) || sendsKey(body, this.#acceptsKey);
  }
}
