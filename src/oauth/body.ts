import type { IncomingMessage } from 'node:http';
import { BodyTooLarge, collect } from '../lib/decoded-body.ts';

/** Maximum size of a request for OAuth in bytes. */
const maxBytes = 16 * 1024;

/** Returns the body of a request, or undefined if it is too large. The rest of such a body is discarded. */
export async function bodyText(request: IncomingMessage): Promise<string | undefined> {
  try {
    return (await collect(request.iterator({ destroyOnReturn: false }), maxBytes)).toString();
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    request.resume();
    return undefined;
  }
}
