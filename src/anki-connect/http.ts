import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { refusal } from '../envelope.ts';
import { pythonJson } from './python-json.ts';

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

const faults: Readonly<Record<string, readonly [string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are larger than 16 KB.'],
};

/** Answers what is not HTTP. */
export function refuseHttp({ code = '', message }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, says] = faults[code] ?? ['400 Bad Request', `This is not an HTTP request. ${message}`];
  const text = pythonJson(refusal(says));
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${text}`, () => socket.destroy());
}
