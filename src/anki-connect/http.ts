import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';

/** An answer to an HTTP request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** In ASCII. */
  readonly text: string;
}

const seenBy = (origin: string) => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Allow-Headers': '*',
});

/** Nearly everything is 200, whatever became of it. */
export const answered = (text: string, origin: string, more: Answer['headers'] = {}): Answer => ({
  status: 200,
  headers: { 'Content-Type': 'application/json', ...seenBy(origin), ...more },
  text,
});

export const forbidden = (origin: string): Answer => ({ status: 403, headers: seenBy(origin), text: '' });

/** Sends an answer, and waits until it is under way or its client is gone. */
export async function send(response: ServerResponse, { status, headers, text }: Answer): Promise<void> {
  response.writeHead(status, { ...headers, 'Content-Length': text.length }).end(text, 'latin1');
  await finished(response).catch(() => {});
}
