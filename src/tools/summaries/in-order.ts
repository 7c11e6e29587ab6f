import type { Backend, CallOptions } from '../../contract/backend.ts';
import { actions, type ActionName, type Input, type Output } from '../../contract/index.ts';
import { OutcomeUnknown, Unreadable } from '../../contract/errors.ts';
import type { Json } from '../../lib/json.ts';
import { batch, resultOf } from '../workflows/joined.ts';

export type Call = <N extends ActionName>(name: N, params: Input<N>) => Promise<Output<N>>;

/**
 * Returns a call function for calls that start in the same tick. They run in this order with no other call between them:
 * in one request on the desktop, and the engine takes calls in the order of their start anyway.
 */
export const inOrder = (backend: Backend, options: CallOptions): Call =>
  backend.together ? (name, params) => backend.call(name, params, options) : inOneRequest(backend, options);

interface Started {
  readonly action: ActionName;
  readonly params: Readonly<Record<string, unknown>>;
  readonly alone: () => void;
  readonly settle: (reply: Promise<Json>) => void;
}

/** Returns a call function that sends all calls of one tick as one `multi`. */
function inOneRequest(backend: Backend, options: CallOptions): Call {
  const started: Started[] = [];
  const call: Call = (name, params) => backend.call(name, params, options);
  const send = () => {
    const calls = started.splice(0);
    const [only] = calls;
    if (only && calls.length === 1) return only.alone();
    const replies = batch({ call }, calls);
    for (const [index, { action, settle }] of calls.entries())
      settle(
        replies.then((list) => resultOf(action, list[index])).catch((error: unknown) => fail(action, error)),
      );
  };
  return <N extends ActionName>(action: N, params: Input<N>): Promise<Output<N>> =>
    new Promise((resolve) => {
      if (started.length === 0) setImmediate(send);
      const alone = () => resolve(call(action, params));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is the reply to an action of this name
      const settle = (reply: Promise<Json>) => resolve(reply as Promise<Output<N>>);
      started.push({ action, params, alone, settle });
    });
}

/** A reply that cannot be read does not say whether a write was carried out. */
function fail(action: ActionName, error: unknown): never {
  if (!(error instanceof Unreadable) || actions[action].annotations.readOnlyHint) throw error;
  const what = `${error.message} ${action} may or may not have been carried out: check before you repeat it.`;
  throw new OutcomeUnknown(what, { cause: error });
}
