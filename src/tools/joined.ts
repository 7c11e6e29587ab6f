import type { ActionName, Output, Input } from '../contract/index.ts';
import {
  AnkiRefused,
  noSuchAction,
  OutcomeUnknown,
  tooOld,
  Unavailable,
  Unreachable,
  Unreadable,
} from '../contract/errors.ts';
import { codeOf } from '../lib/error.ts';
import type { Context } from './workflow.ts';
import { isList, type Json } from '../lib/json.ts';

interface BatchedCall {
  readonly action: ActionName;
  readonly params: Readonly<Record<string, unknown>>;
}

interface QueuedCall extends BatchedCall {
  /** Sends the call without the others. */
  readonly alone: () => Promise<Json>;
  readonly settle: (reply: Promise<Json>) => void;
}

/** Returns the reply to one call of a batch, from the replies to all of them. */
type ReplyOf = (queued: QueuedCall, replies: Promise<readonly Json[]>, index: number) => Promise<Json>;

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
  children: readonly BatchedCall[],
): Promise<readonly Json[]> {
  const actions = children.map(({ action, params }) => ({ action, version: 6, params }));
  const replies: Json = await call('multi', { actions });
  if (isList(replies)) return replies;
  throw new Unreadable('Anki did not reply to a batch with a list of replies.');
}

/** Returns true if the add-on has no batches, the connection broke, or the reply is too large. Reads are then sent alone. */
const failsOnlyTogether = (error: unknown): boolean =>
  error instanceof Unavailable || (error instanceof Error && codeOf(error.cause) !== '');

/** Returns a call function that sends all calls of one tick as one `multi`, and a single one alone. */
export function batched({ call }: Pick<Context, 'call'>, replyOf: ReplyOf): Context['call'] {
  let queue: QueuedCall[] = [];
  const send = () => {
    const calls = queue;
    queue = [];
    const [only] = calls;
    if (only && calls.length === 1) return only.settle(only.alone());
    const replies = batch({ call }, calls);
    for (const [index, queued] of calls.entries()) queued.settle(replyOf(queued, replies, index));
  };
  return <N extends ActionName>(action: N, params: Input<N>): Promise<Output<N>> =>
    new Promise((resolve) => {
      if (queue.length === 0) setImmediate(send);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is the reply to an action of this name
      const settle = (reply: Promise<Json>) => resolve(reply as Promise<Output<N>>);
      queue.push({ action, params, alone: () => call(action, params), settle });
    });
}

/** Returns a context for reads that sends all calls of the same tick as one request. The engine needs no such batch. */
export function joined(context: Context): Context {
  if (context.backend.kind === 'engine') return context;
  const call = batched(context, ({ action, alone }, replies, index) =>
    replies.then(
      (list) => resultOf(action, list[index]),
      (error: unknown) => {
        if (failsOnlyTogether(error)) return alone();
        if (!(error instanceof OutcomeUnknown)) throw error;
        throw new Unreachable(
          'Anki did not reply to a batch of read requests. Nothing was changed: repeat the call.',
          { cause: error },
        );
      },
    ),
  );
  return { ...context, call };
}

/** Runs reads; those of the same tick share one request. */
export const readTogether = <T>(context: Context, read: (context: Context) => Promise<T>): Promise<T> =>
  read(joined(context));
