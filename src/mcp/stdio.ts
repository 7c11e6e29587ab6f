import type { Readable, Writable } from 'node:stream';
import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { Connection } from './json-rpc/connection.ts';
import { cancelledBy, errorCode, isMessage, isRequest } from './json-rpc/message.ts';
import { PendingRequests } from './pending-requests.ts';
import { Questions } from './questions.ts';

const mib = 1024 * 1024;
/** Maximum length of a line in bytes. Clients have the same limit. */
const maxLineBytes = 10 * mib;
/** While a client has more requests without response or more unread output, the server stops reading its input. */
const maxPending = { requests: 250, requestBytes: 64 * mib, outputBytes: 16 * mib };
/** While a question to the user is open, the server reads on for its answer. Requests beyond this number or `requestBytes` are refused. */
const maxWhileAsking = 2000;

const tooLong = `This message is longer than ${maxLineBytes / mib} MiB and was not read. Nothing was done. Send less at a time, and pass media files by path or url.`;
const notUtf8 = 'This message is not UTF-8, which MCP requires. Nothing was done.';
const notMcp =
  'This is not an MCP message. Nothing was done. A request has "jsonrpc": "2.0", an id (string or integer), a method, and params (object).';
const tooLarge = `The response is longer than the ${maxLineBytes / mib} MiB that clients accept, and was not sent. If the call was a write, it was carried out. Request less at a time.`;

const overloaded =
  'Nothing was done: too many requests of this client wait, some of them for an answer of the user. Repeat this request when some of them have their response.';

const utf8 = new TextDecoder('utf-8', { fatal: true });

const idMember = String.raw`"id"\s*:\s*(\d{1,15}|"[^"\\]*")\s*(?=[,}])`;
const versionMember = String.raw`"jsonrpc"\s*:\s*"[^"\\]*"\s*,\s*`;
/** Finds the id of a request that cannot be parsed. Only at the start or the end: elsewhere it may belong to the arguments. */
const idAtStartOrEnd = new RegExp(
  String.raw`^\s*\{\s*(?:${versionMember})?${idMember}|,\s*${idMember}\}\s*$`,
);
/** Bytes that are kept of each end of a line that is too long. */
const keptEndBytes = 200;

/** Serves MCP on stdin and stdout until the client closes them. */
export async function serveStdio(
  server: Pick<Connection, 'connect'>,
  log: (message: string) => void,
): Promise<StdioTransport> {
  const transport = new StdioTransport(process.stdin, process.stdout, log);
  await server.connect(transport);
  return transport;
}

/**
 * A transport with one message per line. It answers invalid messages with an error. The SDK's own transport stops reading
 * after a line of 10 MiB, and keeps in memory whatever a client does not read.
 */
class StdioTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #log: (message: string) => void;
  readonly #pending = new PendingRequests();
  readonly #questions = new Questions();
  #onAllAnswered = (): void => {};
  #line: Buffer[] = [];
  #length = 0;

  constructor(input: Readable, output: Writable, log: (message: string) => void) {
    this.#input = input;
    this.#output = output;
    this.#log = log;
  }

  async start(): Promise<void> {
    this.#input.on('data', this.#receive).on('error', ({ message }) => this.#log(message));
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    this.#questions.sent(message, options?.relatedRequestId);
    this.#checkPending();
    const id = 'method' in message ? undefined : message.id;
    await new Promise<void>((written) => this.#output.write(`${serialize(message)}\n`, () => written()));
    this.#pending.delete(id);
    this.#checkPending();
  }

  async close(): Promise<void> {
    this.#input.off('data', this.#receive);
    this.onclose?.();
  }

  /** Resolves when every request has its response, or after `timeoutMs`. */
  allAnswered(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onAllAnswered = resolve;
      setTimeout(resolve, timeoutMs);
      this.#checkPending();
    });
  }

  #isBehind(): boolean {
    if (this.#output.writableLength > maxPending.outputBytes) return true;
    return !this.#questions.areOpen && this.#pending.exceeds(maxPending.requests, maxPending.requestBytes);
  }

  /** Resolves `allAnswered` when nothing is pending. Continues to read unless the client is behind. */
  #checkPending(): void {
    if (this.#pending.size === 0) this.#onAllAnswered();
    if (!this.#isBehind()) this.#input.resume();
  }

  readonly #receive = (chunk: Buffer): void => {
    let start = 0;
    for (let end; (end = chunk.indexOf('\n', start)) >= 0; start = end + 1) {
      this.#append(chunk.subarray(start, end));
      this.#endLine();
      if (this.#isBehind()) {
        this.#input.pause().unshift(chunk.subarray(end + 1));
        return;
      }
    }
    this.#append(chunk.subarray(start));
  };

  /** Adds to the current line. Keeps only both ends of a line that is too long. */
  #append(piece: Buffer): void {
    this.#line.push(piece);
    this.#length += piece.length;
    if (this.#length <= maxLineBytes) return;
    const all = Buffer.concat(this.#line);
    this.#line = [Buffer.concat([all.subarray(0, keptEndBytes), all.subarray(-keptEndBytes)])];
  }

  #endLine(): void {
    const line = Buffer.concat(this.#line);
    const isTooLong = this.#length > maxLineBytes;
    this.#line = [];
    this.#length = 0;
    if (isTooLong) this.#reject(line, tooLong);
    else this.#parse(line);
  }

  #parse(line: Buffer): void {
    const text = decode(line);
    if (text?.trim() === '') return;
    const json = text === undefined ? undefined : parse(text);
    if (this.#endsQuestion(json)) return;
    if (!isMessage(json)) this.#reject(line, text === undefined ? notUtf8 : notMcp);
    else if (isRequest(json)) this.#request(json, json.id, line.length);
    else {
      this.#pending.delete(cancelledBy(json)); // it gets no response
      this.onmessage?.(json);
    }
  }

  #request(message: JSONRPCMessage, id: RequestId, bytes: number): void {
    if (this.#pending.exceeds(maxWhileAsking, maxPending.requestBytes)) {
      void this.send({ jsonrpc: '2.0', id, error: { code: errorCode.internalError, message: overloaded } });
      return;
    }
    this.#pending.add(id, bytes);
    this.onmessage?.(message);
  }

  /** Ends the questions to which this message is an invalid answer. Returns false if there are none. */
  #endsQuestion(json: unknown): boolean {
    const errors = this.#questions.received(json);
    for (const error of errors) this.onmessage?.(error);
    return errors.length > 0;
  }

  /** Sends an error response if the line contains the id of its request, or ends the question that it answers. Otherwise writes to the log. */
  #reject(line: Buffer, reason: string): void {
    const text = line.toString();
    const [, first, last] = idAtStartOrEnd.exec(text) ?? [];
    const printedId = first ?? last;
    const id: RequestId | undefined = printedId === undefined ? undefined : JSON.parse(printedId);
    if (id !== undefined && text.includes('"method"')) {
      void this.send({ jsonrpc: '2.0', id, error: { code: errorCode.invalidRequest, message: reason } });
    } else if (!this.#endsQuestion({ id })) {
      this.#log(`${reason} It began with ${JSON.stringify(text.slice(0, 80))}.`);
    }
  }
}

function serialize(message: JSONRPCMessage): string {
  const line = JSON.stringify(message);
  if (Buffer.byteLength(line) <= maxLineBytes || !('result' in message)) return line;
  const { jsonrpc, id } = message;
  return JSON.stringify({ jsonrpc, id, error: { code: errorCode.internalError, message: tooLarge } });
}

function decode(line: Buffer): string | undefined {
  try {
    return utf8.decode(line);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
