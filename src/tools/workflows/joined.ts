import type { ActionName, Output, Input } from '../../contract/index.ts';
import { AnkiRefused, noSuchAction, OutcomeUnknown, tooOld, Unreachable } from '../../contract/errors.ts';
import type { Context } from '../workflow.ts';
import type { Json } from '../../lib/json.ts';

interface Waiting {
  readonly action: ActionName;
  readonly params: Readonly<Record<string, unknown>>;
  readonly settle: (reply: Promise<Json>) => void;
}

/** A reply within a batch: {result, error}. */
export function read(action: ActionName, reply: Json | undefined): Json {
  if (typeof reply !== 'object' || reply === null || !('error' in reply)) {
    throw new AnkiRefused('Anki gave no reply to this part of a batch.');
  }
  const { result = null, error } = reply;
  if (error === noSuchAction) throw tooOld(action);
  if (error !== null && error !== undefined) throw new AnkiRefused(String(error));
  return result;
}

/** Several actions in one request; each reply is {result, error}. */
export const batch = (
  { call }: Context,
  children: readonly Pick<Waiting, 'action' | 'params'>[],
): Promise<readonly Json[]> =>
  call('multi', { actions: children.map(({ action, params }) => ({ action, version: 6, params })) });

/** A context for reads: those begun at the same time are one request, however many they are. */
export function joined(context: Context): Context {
  let waiting: Waiting[] = [];
  const send = async () => {
    const calls = waiting;
    waiting = [];
    const replies = batch(context, calls).catch((error: unknown) => {
      if (!(error instanceof OutcomeUnknown)) throw error;
      throw new Unreachable('Anki gave no answer to a batch of questions. Nothing was changed: call again.', {
        cause: error,
      });
    });
    for (const [at, { action, settle }] of calls.entries())
      settle(replies.then((list) => read(action, list[at])));
  };
  const call = <N extends ActionName>(action: N, params: Input<N>): Promise<Output<N>> =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(() => void send());
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reply to the action of that very name
      waiting.push({ action, params, settle: (reply) => resolve(reply as Promise<Output<N>>) });
    });
  return { ...context, call };
}
