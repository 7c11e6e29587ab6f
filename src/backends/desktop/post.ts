import { isUtf8 } from 'node:buffer';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

export const replyLimit = 64 * 1024 * 1024;

/** The code of the error when a reply is larger than `replyLimit`. */
export const tooLarge = 'REPLY_TOO_LARGE';

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** One request on a connection of its own: the add-on closes each after its reply, and a pool would lose the next. */
export function post(url: URL, body: string, signal: AbortSignal, onSent: () => void): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const [ask, connected] =
      url.protocol === 'https:'
        ? ([requestHttps, 'secureConnect'] as const)
        : ([requestHttp, 'connect'] as const);
    const request = ask(url, { method: 'POST', agent: false, headers, signal });
    request.once('socket', (socket) => socket.once(connected, onSent));
    request.once('error', reject);
    request.once('response', (response) => {
      read(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    // Where nobody asks for it, an answer of 101 would come as no event at all.
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
  const whole = Buffer.concat(chunks);
  return isUtf8(whole) ? whole.toString() : ''; // no JSON either
}
