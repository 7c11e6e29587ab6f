import { isActionName, type ActionName } from '../contract/index.ts';
import { refuseMissing } from './binding.ts';
import { refusal, reply } from './envelope.ts';
import { AnkiRefused, OutcomeUnknown } from '../contract/errors.ts';
import { isObject, type Json } from '../lib/json.ts';
import { iterate, typeName } from './python.ts';

export interface Door {
  /** Whether a request with this key may come in; null stands for none. */
  readonly admits: (key: Json) => boolean;
  readonly call: (name: ActionName, params: { readonly [key: string]: Json | undefined }) => Promise<Json>;
  readonly signal?: AbortSignal | undefined;
}

/** Answers one request of which nothing has been checked, as those within a batch are. */
export async function answer(request: Json, door: Door): Promise<Json> {
  if (!isObject(request)) {
    throw new AnkiRefused(`'${typeName(request)}' object has no attribute 'get'`);
  }
  const { action = '', version = 4, params = {}, key = null } = request;
  try {
    if (action === 'requestPermission') {
      // Its parameters come with the HTTP request, and a batch has none of its own.
      const missing = ['origin', 'allowed'].filter((name) => isObject(params) && params[name] === undefined);
      refuseMissing(action, missing);
    } else if (!door.admits(key)) throw new AnkiRefused('valid api key must be provided');
    if (typeof action !== 'string' || !isActionName(action)) throw new AnkiRefused('unsupported action');
    if (!isObject(params)) {
      // Python names the add-on's folder, which is its number on AnkiWeb.
      throw new AnkiRefused(
        `2055492159.AnkiConnect.${action}() argument after ** must be a mapping, not ${typeName(params)}`,
      );
    }
    const result = await door.call(action, params);
    if (typeof version === 'number' || typeof version === 'bigint' || typeof version === 'boolean')
      return reply(result, version);
    throw new AnkiRefused(`'<=' not supported between instances of '${typeName(version)}' and 'int'`);
  } catch (error) {
    if (error instanceof OutcomeUnknown) throw error; // the backend is gone, and nothing after this can be done
    return refusal(error);
  }
}

/** Answers the requests of a batch, in order. */
export async function answerAll(requests: Json | undefined, door: Door): Promise<Json[]> {
  const replies: Json[] = [];
  for (const request of iterate(requests)) {
    door.signal?.throwIfAborted();
    replies.push(await answer(request, door));
  }
  return replies;
}
