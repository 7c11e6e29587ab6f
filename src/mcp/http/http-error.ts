import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** An error response. The message never repeats input of the client. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  /** JSON-RPC error code. */
  readonly code: number;

  constructor(status: number, message: string, headers: OutgoingHttpHeaders = {}, code = -32000) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.code = code;
  }
}

/** Returns the JSON-RPC body of an error response. */
export const errorBody = (message: string, code = -32000): string =>
  JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } });

/** Milliseconds that a client may continue to send after an error response, so that it receives that response. */
const drainMs = 2000;

/** Sends an error response and discards the rest of the request. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: HttpError): void {
  const { status, headers, message, code } = error;
  const { socket } = request; // a failed request loses its socket
  if (response.headersSent) return void socket.destroy();
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(errorBody(message, code));
  request.resume();
  if (!request.complete) setTimeout(() => request.complete || socket.destroy(), drainMs).unref();
}
