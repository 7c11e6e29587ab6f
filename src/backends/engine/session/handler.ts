import type { ActionName, Output, Params } from '../../../contract/index.ts';
import type { CallOptions } from '../../../contract/backend.ts';
import type { Session } from './session.ts';

/** What a handler may need of the call it answers. */
export interface Call extends CallOptions {
  /** Answers another action within this one. */
  readonly run: <N extends ActionName>(name: N, params: Params<N>) => Promise<Output<N>>;
}

/** Answers an action. The parameters are those of the wire: whatever Anki-Connect would be sent, checked here as it does. */
export type Handler<N extends ActionName> = (
  collection: Session,
  params: Params<N>,
  call: Call,
) => Promise<Output<N>>;

export type Handlers<Names extends ActionName> = { readonly [N in Names]: Handler<N> };
