import { createHash, timingSafeEqual } from 'node:crypto';
import { together, type Backend, type Calls } from '../contract/backend.ts';
import { bind } from './binding.ts';
import { answerAll, type Form, type RequestHandler } from './dispatch.ts';
import { isBare, refusal } from './envelope.ts';
import { isLongRead, readInParts } from '../contract/long-reads.ts';
import type { ActionName } from '../contract/index.ts';
import { isObject, type Json, type JsonObject } from '../lib/json.ts';
import { lengthOf, type Printed } from './http.ts';
import { pythonJson } from './python-json.ts';

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

/** Prints each result when it is there, so that many results are not in memory as values. */
const printed: Form<Printed> = {
  reply: (result, version) => (isBare(version) ? result : joined('{"result": ', result, ', "error": null}')),
  refusal: (error) => [pythonJson(refusal(error))],
};

/** Returns the handler for a backend's requests. A batch is one undo step, and other clients wait until it ends. */
export function requestHandlerFor(
  backend: Backend,
  { apiKey, signal }: RequestHandlerOptions,
): RequestHandler<Printed> {
  const acceptsKey = keyCheck(apiKey);
  const handlerFor = (calls: Calls): RequestHandler<Printed> => {
    const send = (name: ActionName, params: JsonObject): Promise<Json> =>
      calls.request(name, params, { signal });
    const handler: RequestHandler<Printed> = {
      signal,
      acceptsKey,
      form: printed,
      async call(name, params) {
        if (name === 'multi') {
          bind(name, params);
          const { actions } = params;
          const run = (inner: Calls) => answerAll(actions, handlerFor(inner));
          return listOf(await together(calls, run, { signal }));
        }
        if (isLongRead(name, params)) return printedParts(readInParts(name, params, send));
        const result = await send(name, params);
        const isPermission = name === 'requestPermission' && isObject(result);
        return [pythonJson(isPermission ? { ...result, requireApikey: Boolean(apiKey) } : result)];
      },
    };
    return handler;
  };
  return handlerFor(backend);
}

/** Prints the items of a list while they arrive. */
async function printedParts(parts: AsyncIterable<readonly Json[]>): Promise<Printed> {
  const texts: Printed[] = [];
  for await (const items of parts) texts.push([items.map(pythonJson).join(', ')]);
  return listOf(texts);
}

/** Joins printed items to a list. */
const listOf = (items: readonly Printed[]): Printed =>
  joined(
    '[',
    items.flatMap((item, index) => (index === 0 ? item : [', ', ...item])),
    ']',
  );

/** Puts text around pieces. Few pieces become one, which is sent with the head of the response. */
const joined = (before: string, pieces: Printed, after: string): Printed => {
  const all = [before, ...pieces, after];
  return lengthOf(all) < pieceBytes ? [all.join('')] : all;
};

const pieceBytes = 64 * 1024;
