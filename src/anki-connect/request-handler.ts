import { createHash, timingSafeEqual } from 'node:crypto';
import { together, type Backend, type Calls } from '../contract/backend.ts';
import { bind } from './binding.ts';
import { answerAll, type RequestHandler } from './dispatch.ts';
import { isObject, type Json } from '../lib/json.ts';

export interface RequestHandlerOptions {
  /** Key that every request needs, children of a batch included; null if no key is configured, then none is accepted. */
  readonly apiKey: string | null;
  readonly signal: AbortSignal;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Returns a check of the key that takes constant time. */
function keyCheck(apiKey: string | null): (key: Json) => boolean {
  if (apiKey === null) return (key) => key === null;
  const wanted = digest(apiKey);
  return (key) => typeof key === 'string' && timingSafeEqual(digest(key), wanted);
}

/** Returns the handler for a backend's requests. A batch is one undo step, and other clients wait until it ends. */
export function requestHandlerFor(
  backend: Backend,
  { apiKey, signal }: RequestHandlerOptions,
): RequestHandler {
  const acceptsKey = keyCheck(apiKey);
  const handlerFor = (calls: Calls): RequestHandler => {
    const handler: RequestHandler = {
      signal,
      acceptsKey,
      async call(name, params) {
        if (name === 'multi') {
          bind(name, params);
          const { actions } = params;
          return together(calls, (inner) => answerAll(actions, handlerFor(inner)), { signal });
        }
        const result: Json = await calls.request(name, params, { signal });
        if (name !== 'requestPermission' || !isObject(result)) return result;
        return { ...result, requireApikey: Boolean(apiKey) };
      },
    };
    return handler;
  };
  return handlerFor(backend);
}
