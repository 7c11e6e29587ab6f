import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads the one message of a body, of which never more than the limit is kept. */
export async function readMessage(request: IncomingMessage, limit: number): Promise<object> {
  const body = await gather(request, limit);
  let message: unknown;
  try {
    message = JSON.parse(utf8.decode(body));
  } catch {
    throw new Refusal(400, 'The body is not JSON in UTF-8.', {}, -32700);
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new Refusal(400, 'Send one JSON-RPC message in each request, and no batch.', {}, -32600);
  }
  return message;
}

async function gather(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () =>
    new Refusal(
      413,
      `The body is larger than ${limit} bytes. Give large files by "path" or "url", and many notes in several calls.`,
    );
  if (Number(request.headers['content-length']) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
