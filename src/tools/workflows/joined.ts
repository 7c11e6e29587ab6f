import type { ActionName, Output, Input } from '../../contract/index.ts';
import {
  AnkiRefused,
  noSuchAction,
  OutcomeUnknown,
  tooOld,
  Unreachable,
  Unreadable,
} from '../../contract/errors.ts';
import type { Context } from '../workflow.ts';
import { isList, type Json } from '../../lib/json.ts';

interface QueuedCall {
  readonly action: ActionName;
  readonly params: Readonly<Record<string, unknown>>;
  readonly settle: (reply: Promise<Json>) => void;
}

/** Returns the result of a reply within a batch, {result, error}. Throws its error; Unreadable if it is no such reply. */
export function resultOf(action: ActionName, reply: Json | undefined): Json {
  if (typeof reply !== 'object' || reply === null || !('error' in reply)) {
    throw new Unreadable(`Anki sent no reply to ${action} within a batch.`);
  }
  const { result = null, error } = reply;
  if (error === noSuchAction) throw tooOld(action);
  if (error !== null && error !== undefined) throw new AnkiRefused(String(error));
  return result;
}

/** Sends several actions in one request. Each reply is {result, error}. Throws Unreadable if the reply is no list. */
export async function batch(
  { call }: Pick<Context, 'call'>,
  children: readonly Pick<QueuedCall, 'action' | 'params'>[],
): Promise<readonly Json[]> {
  const actions = children.map(({ action, params }) => ({ action, version: 6, params }));
  const replies: Json = await call('multi', { actions });
  if (isList(replies)) return replies;
  throw new Unreadable('Anki did not reply to a batch with a list of replies.');
}

/** Returns a context for reads that sends all calls of the same tick as one request. */
export function joined(context: Context): Context {
  let queue: QueuedCall[] = [];
  const send = async () => {
    const calls = queue;
    queue = [];
    const replies = batch(context, calls).catch((error: unknown) => {
      if (!(error instanceof OutcomeUnknown)) throw error;
      throw new Unreachable(
        'Anki did not reply to a batch of read requests. Nothing was changed: repeat the call.',
        { cause: error },
      );
    });
    for (const [index, { action, settle }] of calls.entries())
      settle(replies.then((list) => resultOf(action, list[index])));
  };
  const call = <N extends ActionName>(action: N, params: Input<N>): Promise<Output<N>> =>
    new Promise((resolve) => {
      if (queue.length === 0) setImmediate(() => void send());
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is the reply to an action of this name
      queue.push({ action, params, settle: (reply) => resolve(reply as Promise<Output<N>>) });
    });
  return { ...context, call };
}
