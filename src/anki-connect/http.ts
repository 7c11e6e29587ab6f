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

/** Sends a response. Resolves when it was sent or the client has disconnected. */
export async function send(response: ServerResponse, { status, headers, text }: HttpAnswer): Promise<void> {
  response.writeHead(status, { ...headers, 'Content-Length': text.length }).end(text, 'latin1');
  await finished(response).catch(() => {});
}
