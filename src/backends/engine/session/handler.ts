import type { ActionName, Output, Params } from '../../../contract/index.ts';
import type { CallOptions } from '../../../contract/backend.ts';
import type { Session } from './session.ts';

/** Options of the current call, and access to other actions. */
export interface HandlerCall extends CallOptions {
  /** Runs another action as part of this one. */
  readonly run: <N extends ActionName>(name: N, params: Params<N>) => Promise<Output<N>>;
  /** Finishes the call with work that needs no open collection. Other calls run meanwhile, unless this one is part of another. */
  readonly afterwards: (work: () => Promise<void>) => Promise<void>;
  /** Runs a sync of the collection, so that the automatic sync knows its outcome. */
  readonly observeSync: <T>(sync: () => Promise<T>) => Promise<T>;
  /** Writes a backup of the whole collection into an empty folder, and opens it to check it. Returns false if none was made. */
  readonly backUp: (folder: string) => Promise<boolean>;
}

/** Carries out an action. The parameters are unchecked; the handler checks them as Anki-Connect does. */
export type Handler<N extends ActionName> = (
  session: Session,
  params: Params<N>,
  call: HandlerCall,
) => Promise<Output<N>>;

/** Handlers by action. */
export type Handlers<Names extends ActionName> = { readonly [N in Names]: Handler<N> };
