import type { ServerResponse } from 'node:http';
import { finished, pipeline } from 'node:stream/promises';

/** Printed JSON in pieces, ASCII only: a long text is never in memory twice. */
export type Printed = readonly string[];

export const lengthOf = (printed: Printed): number => printed.reduce((sum, { length }) => sum + length, 0);

/** A complete HTTP response. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Printed;
}

const corsHeaders = (origin: string) => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Allow-Headers': '*',
});

/** Returns a 200 response, which Anki-Connect sends for errors too. */
export const okResponse = (body: Printed, origin: string, more: HttpAnswer['headers'] = {}): HttpAnswer => ({
  status: 200,
  headers: { 'Content-Type': 'application/json', ...corsHeaders(origin), ...more },
  body,
});

export const forbidden = (origin: string): HttpAnswer => ({
  status: 403,
  headers: corsHeaders(origin),
  body: [],
});

/** Times after which a client that does not read its response is disconnected. */
export interface SendTimeouts {
  /** Milliseconds in which nothing was read. */
  readonly idleTimeoutMs: number;
  /** Milliseconds for the whole response. */
  readonly transferTimeoutMs: number;
}

/** Sends a response. Resolves when it was sent or the client is disconnected. */
export async function send(
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
  { idleTimeoutMs, transferTimeoutMs }: SendTimeouts,
): Promise<void> {
  const disconnect = () => response.destroy();
  response.setTimeout(idleTimeoutMs, disconnect);
  const timer = setTimeout(disconnect, transferTimeoutMs);
  response.writeHead(status, { ...headers, 'Content-Length': lengthOf(body) });
  const [text = '', ...more] = body;
  if (more.length === 0) response.end(text, 'latin1');
  else pipeline(body, response).catch(() => {}); // the client has disconnected
  await finished(response).catch(() => {});
  clearTimeout(timer);
}
