import { isActionName, type ActionName } from '../contract/index.ts';
import { refuseMissing } from './binding.ts';
import { keyRefused, refusal, reply } from './envelope.ts';
import { AnkiRefused, noSuchAction, OutcomeUnknown } from '../contract/errors.ts';
import { isObject, type Json, type JsonObject } from '../lib/json.ts';
import { iterate, typeName } from './python.ts';

/** The form in which results are answered: as values, or printed. */
export interface Form<T> {
  readonly reply: (result: T, version: number | bigint | boolean) => T;
  readonly refusal: (error: unknown) => T;
}

export const asValues: Form<Json> = { reply, refusal };

/** Carries out requests whose members have been checked. */
export interface RequestHandler<T> {
  /** Returns true if a request with this key is authorized; null means no key. */
  readonly acceptsKey: (key: Json) => boolean;
  readonly call: (name: ActionName, params: JsonObject) => Promise<T>;
  readonly form: Form<T>;
  readonly signal?: AbortSignal | undefined;
}

/** Answers one unchecked request, such as a child of a batch. */
export async function answer<T>(request: Json, handler: RequestHandler<T>): Promise<T> {
  if (!isObject(request)) {
    throw new AnkiRefused(`'${typeName(request)}' object has no attribute 'get'`);
  }
  const { action = '', version = 4, params = {}, key = null } = request;
  try {
    if (action === 'requestPermission') {
      // Its parameters come from the HTTP request, which a child of a batch does not have.
      const missing = ['origin', 'allowed'].filter((name) => isObject(params) && params[name] === undefined);
      refuseMissing(action, missing);
    } else if (!handler.acceptsKey(key)) throw new AnkiRefused(keyRefused);
    if (typeof action !== 'string' || !isActionName(action)) throw new AnkiRefused(noSuchAction);
    if (!isObject(params)) {
      // Python prints the add-on's folder name, which is its number on AnkiWeb.
      throw new AnkiRefused(
        `2055492159.AnkiConnect.${action}() argument after ** must be a mapping, not ${typeName(params)}`,
      );
    }
    const result = await handler.call(action, params);
    if (typeof version === 'number' || typeof version === 'bigint' || typeof version === 'boolean')
      return handler.form.reply(result, version);
    throw new AnkiRefused(`'<=' not supported between instances of '${typeName(version)}' and 'int'`);
  } catch (error) {
    if (error instanceof OutcomeUnknown) throw error; // the backend is gone: the rest of the batch cannot run
    return handler.form.refusal(error);
  }
}

/** Answers the requests of a batch, in order. */
export async function answerAll<T>(requests: Json | undefined, handler: RequestHandler<T>): Promise<T[]> {
  const replies: T[] = [];
  for (const request of iterate(requests)) {
    handler.signal?.throwIfAborted();
    replies.push(await answer(request, handler));
  }
  return replies;
}
