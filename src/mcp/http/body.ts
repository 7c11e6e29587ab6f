import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads the JSON in the body of a request. Never keeps more than `maxBytes` in memory. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const body = await readBody(request, maxBytes);
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new HttpError(400, 'The body is not JSON in UTF-8.', {}, -32700);
  }
}

/** Returns the JSON-RPC message. Throws for batches and for JSON of another kind. */
export function messageIn(message: unknown): object {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new HttpError(
      400,
      'Send one JSON-RPC message in each request. Batches are not supported.',
      {},
      -32600,
    );
  }
  return message;
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new HttpError(
      413,
      `The body is larger than ${maxBytes} bytes. Pass large files by "path" or "url", and many notes in several calls.`,
    );
  if (Number(request.headers['content-length']) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
