import { Client } from 'undici';

export const replyLimit = 64 * 1024 * 1024;

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** One request on a connection of its own: the add-on closes each after its reply, and a pool would lose the next. */
export async function post(url: URL, body: string, signal: AbortSignal, onSent: () => void): Promise<Reply> {
  const client = new Client(url.origin, {
    pipelining: 0,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: replyLimit,
  });
  client.once('connect', onSent);
  try {
    const headers = { 'content-type': 'application/json' };
    const reply = await client.request({
      method: 'POST',
      path: url.pathname + url.search,
      headers,
      body,
      signal,
    });
    return { status: reply.statusCode, text: await reply.body.text() };
  } finally {
    await client.destroy();
  }
}
