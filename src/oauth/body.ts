import type { IncomingMessage } from 'node:http';

/** Maximum size of a request for OAuth in bytes. */
const maxBytes = 16 * 1024;

/** Returns the body of a request, or undefined if it is too large. The rest of such a body is discarded. */
export async function bodyText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBytes) {
      request.resume();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
