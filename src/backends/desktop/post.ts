import { isUtf8 } from 'node:buffer';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Maximum size of a reply in bytes. */
export const replyLimit = 64 * 1024 * 1024;

/** Code of the error for a reply larger than `replyLimit`. */
export const tooLarge = 'REPLY_TOO_LARGE';

export interface HttpReply {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends one request over a new connection. The add-on closes the connection after its reply, so a pool would lose the
 * next request. Calls `onSent` once connected: from then on the request may arrive.
 */
export function post(url: URL, body: string, signal: AbortSignal, onSent: () => void): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const [openRequest, connected] =
      url.protocol === 'https:'
        ? ([requestHttps, 'secureConnect'] as const)
        : ([requestHttp, 'connect'] as const);
    const request = openRequest(url, { method: 'POST', agent: false, headers, signal });
    request.once('socket', (socket) => socket.once(connected, onSent));
    request.once('error', reject);
    request.once('response', (response) => {
      read(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    // Without this listener, a 101 response would cause no event at all.
    request.once('upgrade', ({ statusCode = 101 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, text: '' });
    });
    request.end(body);
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > replyLimit) throw Object.assign(new Error('the reply is too large'), { code: tooLarge });
  }
  const body = Buffer.concat(chunks);
  return isUtf8(body) ? body.toString() : ''; // invalid UTF-8 is invalid JSON too
}
