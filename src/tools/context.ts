import { operationsOf, together, within, type Backend, type CallOptions } from '../contract/backend.ts';
import { defaultBudget } from './bounded.ts';
import { mediaPolicy, type MediaPolicy } from './media/media-policy.ts';
import type { Context, ToolResult } from './workflow.ts';

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

/** Runs another offered tool on a backend, without questions and backups. */
export type RunTool = (name: string, args: unknown, backend: Backend) => Promise<ToolResult>;

interface ContextOptions
  extends Environment, CallOptions, Partial<Pick<Context, 'approve' | 'check' | 'canAsk'>> {
  readonly runTool?: RunTool;
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
  runTool = async (name) => {
    throw new Error(`${name} cannot be run from here.`);
  },
  ...options
}: ContextOptions): Context => {
  const { signal, progress } = options;
  const limits = { budget: maxResult, media, canAsk, hasPanels };
  const context = { session, approve, check, signal, progress, ...limits };
  const contextFor = (here: Backend): Context => ({
    ...context,
    backend: here,
    call: (action, params) => here.call(action, params, options),
    operate: async (operation, params) => operationsOf(here)(operation, params, options),
    asOneStep: (work) => together(here, (inner) => work(contextFor(within(here, inner))), options),
    runTool: (tool, args) => runTool(tool, args, here),
    on: contextFor,
  });
  return contextFor(backend);
};
