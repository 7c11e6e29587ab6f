import { actions, type ActionName, isActionName } from '../../contract/index.ts';
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';

export const isRead = (name: ActionName): boolean => actions[name].annotations.readOnlyHint;

/** Default timeouts in milliseconds. */
const timeoutsMs = { read: 15_000, write: 60_000, slow: 600_000 };

/** Returns the calls of a batch. */
const childrenOf = (params: Json | undefined): readonly JsonObject[] => {
  const children = isObject(params) ? params['actions'] : undefined;
  return Array.isArray(children) ? children.filter((child: Json) => isObject(child)) : [];
};

const isSlow = (name: string, params: Json | undefined): boolean => {
  if (!isActionName(name)) return false;
  if (name !== 'multi') return actions[name].slow === true;
  return childrenOf(params).some((child) => isSlow(String(child['action']), child['params']));
};

/** Returns the action that a failure is about: of a batch with one write, this write; of a batch of reads, the first. */
function subjectOf(name: ActionName, params: JsonObject): ActionName {
  if (name !== 'multi') return name;
  const children = childrenOf(params).map((child) => String(child['action']));
  const writes = children.filter((child) => !isActionName(child) || !isRead(child));
  const [only] = writes.length === 0 ? children : writes;
  return writes.length <= 1 && only !== undefined && isActionName(only) ? only : name;
}

const timeoutOf = (name: ActionName, params: JsonObject): number => {
  if (isSlow(name, params)) return timeoutsMs.slow;
  return isRead(name) ? timeoutsMs.read : timeoutsMs.write;
};

/** Maximum number of items in a list of parameters, such as ids, for a call that may be joined with others. */
const maxItems = 100;

/** Returns true if the call is quick enough to share a request with others. */
const isShort = (params: JsonObject): boolean =>
  Object.values(params).every((value) => !Array.isArray(value) || value.length <= maxItems);

/** A call that waits for its reply. How far it got and why it ended decide what a failure means. */
export class PendingCall {
  readonly name: ActionName;
  /** The action that a failure is about. */
  readonly subject: ActionName;
  readonly request: JsonObject;
  readonly timeoutMs: number;
  /** True if the call may share a request with others. */
  readonly joins: boolean;
  readonly result: Promise<Json>;
  sent = false;
  timedOut = false;
  cancelled = false;
  readonly #ended = new AbortController();
  #resolve: (result: Json) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(name: ActionName, params: JsonObject, request: JsonObject, timeoutMs: number | undefined) {
    this.name = name;
    this.subject = subjectOf(name, params);
    this.request = request;
    this.timeoutMs = timeoutMs ?? timeoutOf(name, params);
    this.joins = isRead(name) && !isSlow(name, params) && isShort(params);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Aborted when the call has succeeded or failed; later outcomes are ignored. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  succeed(result: Json): void {
    this.#resolve(result);
    this.#ended.abort();
  }

  fail(error: Error): void {
    this.#reject(error);
    this.#ended.abort();
  }
}

/** Returns a signal that aborts when all of the calls have ended. */
export function allEnded(calls: readonly PendingCall[]): AbortSignal {
  const controller = new AbortController();
  const check = (): void => {
    if (calls.every(({ ended }) => ended.aborted)) controller.abort();
  };
  for (const { ended } of calls) ended.addEventListener('abort', check, { once: true });
  check();
  return controller.signal;
}
