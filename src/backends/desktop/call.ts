import { actions, type ActionName, isActionName } from '../../contract/index.ts';
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';

export const isRead = (name: ActionName): boolean => actions[name].annotations.readOnlyHint;

const limits = { read: 15_000, write: 60_000, slow: 600_000 };

const isSlow = (name: string, params: Json | undefined): boolean => {
  if (!isActionName(name)) return false;
  if (name !== 'multi') return actions[name].slow === true;
  const children = isObject(params) && Array.isArray(params['actions']) ? params['actions'] : [];
  return children.some((child: Json) => isObject(child) && isSlow(String(child['action']), child['params']));
};

/** Milliseconds that Anki gets for an answer. */
const limitOf = (name: ActionName, params: JsonObject): number => {
  if (isSlow(name, params)) return limits.slow;
  return isRead(name) ? limits.read : limits.write;
};

const manyItems = 100;

/** Reading much at once takes its time, which others would have to share. */
const isShort = (params: JsonObject): boolean =>
  Object.values(params).every((value) => !Array.isArray(value) || value.length <= manyItems);

/** A call on its way: how far it got, and why it was given up, decides what its failure means. */
export class Call {
  readonly name: ActionName;
  readonly request: JsonObject;
  readonly limit: number;
  /** Whether it may share a request with others. */
  readonly joins: boolean;
  readonly answer: Promise<Json>;
  sent = false;
  late = false;
  cancelled = false;
  readonly #over = new AbortController();
  #resolve: (answer: Json) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(name: ActionName, params: JsonObject, request: JsonObject, timeout: number | undefined) {
    this.name = name;
    this.request = request;
    this.limit = timeout ?? limitOf(name, params);
    this.joins = isRead(name) && !isSlow(name, params) && isShort(params);
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Aborted as soon as the call has come to an end, good or bad: later ones are ignored. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  succeed(answer: Json): void {
    this.#resolve(answer);
    this.#over.abort();
  }

  fail(error: Error): void {
    this.#reject(error);
    this.#over.abort();
  }
}

/** Aborts when none of the calls is waited for any more. */
export function allOver(calls: readonly Call[]): AbortSignal {
  const controller = new AbortController();
  const look = (): void => {
    if (calls.every(({ over }) => over.aborted)) controller.abort();
  };
  for (const { over } of calls) over.addEventListener('abort', look, { once: true });
  look();
  return controller.signal;
}
