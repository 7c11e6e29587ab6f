import {
  operationsOf,
  together,
  typedCall,
  type Backend,
  type Calls,
  type CallOptions,
} from '../contract/backend.ts';
import { defaultBudget } from './bounded.ts';
import { mediaPolicy, type MediaPolicy } from './media/media-policy.ts';
import type { Context } from './workflow.ts';

/** The backend and the limits of a call. */
export interface Environment {
  readonly backend: Backend;
  /** Sources that media files may be read from. By default no folder is allowed. */
  readonly media?: MediaPolicy | undefined;
  /** Maximum size of a result in bytes of JSON. */
  readonly maxResult?: number | undefined;
  /** Whether the client shows panels. Default: false. */
  readonly hasPanels?: boolean | undefined;
}

interface ContextOptions
  extends Environment, CallOptions, Partial<Pick<Context, 'approve' | 'check' | 'canAsk'>> {
  readonly session?: AbortSignal | undefined;
}

/** Returns the context of workflows and resources. */
export const contextOf = ({
  backend,
  media = mediaPolicy([], backend.capabilities),
  maxResult = defaultBudget,
  session = new AbortController().signal,
  approve = async () => {},
  check = async () => {},
  canAsk = false,
  hasPanels = false,
  ...options
}: ContextOptions): Context => {
  const { signal, progress } = options;
  const limits = { budget: maxResult, media, canAsk, hasPanels };
  const context = { backend, session, approve, check, signal, progress, ...limits };
  const contextFor = (calls: Calls): Context => ({
    ...context,
    call: (action, params) => typedCall(calls)(action, params, options),
    operate: async (operation, params) => operationsOf(calls)(operation, params, options),
    asOneStep: (work) => together(calls, (inner) => work(contextFor(inner)), options),
  });
  return contextFor(backend);
};
