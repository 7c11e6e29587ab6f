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

/** Returns the time limit in milliseconds. */
const limitOf = (name: ActionName, params: JsonObject): number => {
  if (isSlow(name, params)) return limits.slow;
  return isRead(name) ? limits.read : limits.write;
};

const maxItems = 100;

/** Returns true if the call is quick enough to share a request with others. */
const isShort = (params: JsonObject): boolean =>
  Object.values(params).every((value) => !Array.isArray(value) || value.length <= maxItems);

/** A call that waits for its reply. How far it got and why it ended decide what a failure means. */
export class PendingCall {
  readonly name: ActionName;
  readonly request: JsonObject;
  readonly limit: number;
  /** True if the call may share a request with others. */
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

  /** Aborted when the call has succeeded or failed; later outcomes are ignored. */
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

/** Returns a signal that aborts when all of the calls have ended. */
export function allOver(calls: readonly PendingCall[]): AbortSignal {
  const controller = new AbortController();
  const check = (): void => {
    if (calls.every(({ over }) => over.aborted)) controller.abort();
  };
  for (const { over } of calls) over.addEventListener('abort', check, { once: true });
  check();
  return controller.signal;
}
