import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

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

/** A refusal as JSON-RPC has it. */
export const bodyOf = (message: string, code = -32000): string =>
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
