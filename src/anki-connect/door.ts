import { createHash, timingSafeEqual } from 'node:crypto';
import type { Backend } from '../contract/backend.ts';
import { bind } from './binding.ts';
import { answerAll, type Door } from './dispatch.ts';
import { isObject, type Json } from '../lib/json.ts';

export interface DoorOptions {
  /** What every request has to bring along, those within a batch as well; null: none may bring a key. */
  readonly apiKey: string | null;
  readonly signal: AbortSignal;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Says whether a key is the right one, in a time that tells nothing of it. */
function keeper(apiKey: string | null): (key: Json) => boolean {
  if (apiKey === null) return (key) => key === null;
  const wanted = digest(apiKey);
  return (key) => typeof key === 'string' && timingSafeEqual(digest(key), wanted);
}

/** Where requests come in to a backend. A batch is one step to undo, and other clients wait for its end. */
export function openDoor(backend: Backend, { apiKey, signal }: DoorOptions): Door {
  const admits = keeper(apiKey);
  const to = ({ request, together }: Calls): Door => {
    const door: Door = {
      signal,
      admits,
      async call(name, params) {
        if (name === 'multi') {
          bind(name, params);
          const { actions } = params;
          if (!together) return answerAll(actions, door);
          return together((inner) => answerAll(actions, to({ request: inner })), { signal });
        }
        const result: Json = await request(name, params, { signal });
        if (name !== 'requestPermission' || !isObject(result)) return result;
        return { ...result, requireApikey: Boolean(apiKey) };
      },
    };
    return door;
  };
  return to({ request: backend.request.bind(backend), together: backend.together?.bind(backend) });
}

interface Calls {
  readonly request: Backend['request'];
  readonly together?: Backend['together'];
}
