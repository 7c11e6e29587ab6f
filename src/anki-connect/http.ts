import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';

/** A complete HTTP response. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Body, ASCII only. */
  readonly text: string;
}

const corsHeaders = (origin: string) => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Allow-Headers': '*',
});

/** Returns a 200 response, which Anki-Connect sends for errors too. */
export const okResponse = (text: string, origin: string, more: HttpAnswer['headers'] = {}): HttpAnswer => ({
  status: 200,
  headers: { 'Content-Type': 'application/json', ...corsHeaders(origin), ...more },
  text,
});

export const forbidden = (origin: string): HttpAnswer => ({
  status: 403,
  headers: corsHeaders(origin),
  text: '',
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
  { status, headers, text }: HttpAnswer,
  { idleTimeoutMs, transferTimeoutMs }: SendTimeouts,
): Promise<void> {
  const disconnect = () => response.destroy();
  response.setTimeout(idleTimeoutMs, disconnect);
  const timer = setTimeout(disconnect, transferTimeoutMs);
  response.writeHead(status, { ...headers, 'Content-Length': text.length }).end(text, 'latin1');
  await finished(response).catch(() => {});
  clearTimeout(timer);
}
