import type { Backend, CallOptions } from '../../contract/backend.ts';
import { actions, type ActionName } from '../../contract/index.ts';
import { OutcomeUnknown, Unreadable } from '../../contract/errors.ts';
import type { Context } from '../workflow.ts';
import { batched, resultOf } from '../joined.ts';

export type Call = Context['call'];

/**
 * Returns a call function for calls that start in the same tick. They run in this order with no other call between them:
 * in one request on the desktop, and the engine takes calls in the order of their start anyway.
 */
export function inOrder(backend: Backend, options: CallOptions): Call {
  const call: Call = (name, params) => backend.call(name, params, options);
  if (backend.together) return call;
  return batched({ call }, ({ action }, replies, index) =>
    replies.then((list) => resultOf(action, list[index])).catch((error: unknown) => fail(action, error)),
  );
}

/** A reply that cannot be read does not say whether a write was carried out. */
function fail(action: ActionName, error: unknown): never {
  if (!(error instanceof Unreadable) || actions[action].annotations.readOnlyHint) throw error;
  const what = `${error.message} ${action} may or may not have been carried out: check before you repeat it.`;
  throw new OutcomeUnknown(what, { cause: error });
}
