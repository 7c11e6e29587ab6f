import type { Readable, Writable } from 'node:stream';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CancelledNotificationSchema,
  JSONRPCMessageSchema,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';

const mib = 1024 * 1024;
/** Clients take no longer lines either. */
const longest = 10 * mib;
/** A client that leaves more than this unanswered or unread is itself not read until it has caught up. */
const most = { unanswered: 250, unread: 16 * mib };

const tooLong = `This message is longer than ${longest / mib} MiB and was not read: nothing was done. Send less at a time; media files can be given by path or url.`;
const notUtf8 = 'This message is not UTF-8, as MCP has to be: nothing was done.';
const notMcp =
  'This is no message of MCP: nothing was done. A request has "jsonrpc": "2.0", an id that is text or an integer, a method, and params that are an object.';
const tooLarge = `The answer is longer than the ${longest / mib} MiB that clients take, and was not sent. If the call was to change something, that is done. Ask for less at a time.`;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const anId = String.raw`"id"\s*:\s*(\d{1,15}|"[^"\\]*")\s*(?=[,}])`;
const version = String.raw`"jsonrpc"\s*:\s*"[^"\\]*"\s*,\s*`;
/** The id of a request that is not read: it stands at either end, where it cannot be one within the arguments. */
const idAtAnEnd = new RegExp(String.raw`^\s*\{\s*(?:${version})?${anId}|,\s*${anId}\}\s*$`);
const endsKept = 200;

/** Answers MCP on stdin and stdout until the client goes. */
export async function serveStdio(server: Server, log: (message: string) => void): Promise<Stdio> {
  const stdio = new Stdio(process.stdin, process.stdout, log);
  await server.connect(stdio);
  return stdio;
}

/**
 * A line is a message. What cannot be taken is refused in words: the SDK's own transport hears nothing more after a line
 * of 10 MiB, and keeps in memory whatever a client does not read.
 */
class Stdio implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #log: (message: string) => void;
  readonly #unanswered = new Set<RequestId | undefined>();
  #whenAnswered = (): void => {};
  #line: Buffer[] = [];
  #length = 0;

  constructor(input: Readable, output: Writable, log: (message: string) => void) {
    this.#input = input;
    this.#output = output;
    this.#log = log;
  }

  async start(): Promise<void> {
    this.#input.on('data', this.#take).on('error', ({ message }) => this.#log(message));
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const id = 'method' in message ? undefined : message.id;
    await new Promise<void>((written) => this.#output.write(`${printed(message)}\n`, () => written()));
    this.#unanswered.delete(id);
    this.#pace();
  }

  async close(): Promise<void> {
    this.#input.off('data', this.#take);
    this.onclose?.();
  }

  /** Comes back when every request has its answer, or else after so many milliseconds. */
  answered(patience: number): Promise<void> {
    return new Promise((resolve) => {
      this.#whenAnswered = resolve;
      setTimeout(resolve, patience);
      this.#pace();
    });
  }

  #isBehind(): boolean {
    return this.#unanswered.size > most.unanswered || this.#output.writableLength > most.unread;
  }

  #pace(): void {
    if (this.#unanswered.size === 0) this.#whenAnswered();
    if (!this.#isBehind()) this.#input.resume();
  }

  readonly #take = (chunk: Buffer): void => {
    let start = 0;
    for (let end; (end = chunk.indexOf('\n', start)) >= 0; start = end + 1) {
      this.#keep(chunk.subarray(start, end));
      this.#endLine();
      if (this.#isBehind()) {
        this.#input.pause().unshift(chunk.subarray(end + 1));
        return;
      }
    }
    this.#keep(chunk.subarray(start));
  };

  #keep(piece: Buffer): void {
    this.#line.push(piece);
    this.#length += piece.length;
    if (this.#length <= longest) return;
    const all = Buffer.concat(this.#line);
    this.#line = [Buffer.concat([all.subarray(0, endsKept), all.subarray(-endsKept)])];
  }

  #endLine(): void {
    const line = Buffer.concat(this.#line);
    const isTooLong = this.#length > longest;
    this.#line = [];
    this.#length = 0;
    if (isTooLong) this.#refuse(line, tooLong);
    else this.#read(line);
  }

  #read(line: Buffer): void {
    const text = decoded(line);
    if (text?.trim() === '') return;
    const message = text === undefined ? undefined : parsed(text);
    if (message === undefined) {
      this.#refuse(line, text === undefined ? notUtf8 : notMcp);
      return;
    }
    if ('method' in message && 'id' in message && isId(message.id)) this.#unanswered.add(message.id);
    this.#unanswered.delete(cancelledBy(message)); // it gets no answer
    this.onmessage?.(message);
  }

  /** Told to the client where it can be matched to its request, and to people otherwise. */
  #refuse(line: Buffer, why: string): void {
    const text = line.toString();
    const [, first, last] = idAtAnEnd.exec(text) ?? [];
    const id = first ?? last;
    if (id === undefined || !text.includes('"method"')) {
      this.#log(`${why} It began with ${JSON.stringify(text.slice(0, 80))}.`);
    } else void this.send({ jsonrpc: '2.0', id: JSON.parse(id), error: { code: -32600, message: why } });
  }
}

function printed(message: JSONRPCMessage): string {
  const line = JSON.stringify(message);
  if (Buffer.byteLength(line) <= longest || !('result' in message)) return line;
  const { jsonrpc, id } = message;
  return JSON.stringify({ jsonrpc, id, error: { code: -32603, message: tooLarge } });
}

const isId = (value: unknown): value is RequestId => typeof value === 'string' || typeof value === 'number';

function decoded(line: Buffer): string | undefined {
  try {
    return utf8.decode(line);
  } catch {
    return undefined;
  }
}

function parsed(text: string): JSONRPCMessage | undefined {
  try {
    return JSONRPCMessageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The request that a message cancels, if it does. */
function cancelledBy(message: JSONRPCMessage): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined;
  return CancelledNotificationSchema.safeParse(message).data?.params.requestId;
}
