import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request is not answered, but told why, in words of our own alone. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  /** JSON-RPC's number for it. */
  readonly code: number;

  constructor(status: number, message: string, headers: OutgoingHttpHeaders = {}, code = -32000) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.code = code;
  }
}

const bodyOf = (message: string, code = -32000): string =>
  JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } });

/** Milliseconds in which a refused sender may finish what it is sending, and so come to read the answer. */
const courtesy = 2000;

/** Sends a refusal. What is still to come of the request is thrown away. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const { status, headers, message, code } = refusal;
  const { socket } = request; // a request that failed has none any more
  if (response.headersSent) return void socket.destroy();
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(bodyOf(message, code));
  request.resume();
  if (!request.complete) setTimeout(() => request.complete || socket.destroy(), courtesy).unref();
}

const faults: Readonly<Record<string, readonly [string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are larger than 16 KB.'],
};

/** Answers what is not HTTP, and closes. */
export function refuseSocket({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, says] = faults[code] ?? ['400 Bad Request', 'This is not an HTTP request.'];
  const text = bodyOf(says);
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}`;
  socket.write(`${head}\r\nConnection: close\r\n\r\n${text}`);
  socket.destroySoon();
}
