import { Unavailable } from './errors.ts';
import type { OperationName, OperationParams, OperationResult } from './engine/index.ts';
import type { ActionName, Input, Output, Params } from './index.ts';

/** Runs an action. Wrong parameters do not compile. */
export type Call = <N extends ActionName>(name: N, params: Input<N>) => Promise<Output<N>>;

export interface CallOptions {
  /** Cancels the call. A call that is still queued is never sent. */
  readonly signal?: AbortSignal;
  /** Receives progress messages of a long call. */
  readonly progress?: (message: string) => void;
  /** Receives a sentence about what the call did. It is shown next to the result, which has Anki-Connect's form. */
  readonly report?: (sentence: string) => void;
  /** Throws where Anki-Connect returns success although nothing was done. */
  readonly strict?: boolean;
}

/** Differences between backends that other code depends on. */
export interface Capabilities {
  /** Whether a person sees Anki's windows: gui actions open them, and an import waits in its dialog. */
  readonly hasWindows: boolean;
  /** Whether `backup` saves the whole collection in one file. */
  readonly hasBackup: boolean;
  /** Maximum size of one media file in bytes. */
  readonly maxMediaBytes: number;
}

const megabyte = 1024 * 1024;

/** Capabilities by kind, known before the backend's code is loaded. */
export const capabilitiesOf: Readonly<Record<Backend['kind'], Capabilities>> = {
  engine: { hasWindows: false, hasBackup: true, maxMediaBytes: 20 * megabyte },
  // The add-on reads a request ever more slowly, and Anki does not react meanwhile: 14 MB of base64 take about 20 s.
  'anki-connect': {
    hasWindows: true,
    hasBackup: false,
    maxMediaBytes: 10 * megabyte,
  },
};

/** Waits for a person, and meanwhile gives up what others wait for. If waiting fails, that is not taken again. */
export type Pause = <T>(wait: () => Promise<T>) => Promise<T>;

type HeldWork<T> = (backend: Backend, pause: Pause) => Promise<T>;

/** Notes to restore from a backup. */
export interface NotesToRestore {
  readonly ids: readonly number[];
  /** Also deletes listed notes that the backup does not contain, and restores removed deck options. */
  readonly exact: boolean;
}

/** How an engine with an account is synced. */
export interface SyncState {
  /** synced: both sides are the same. waiting: a sync is to come. blocked: a person must act first. off: only the action `sync` syncs. */
  readonly state: 'synced' | 'waiting' | 'blocked' | 'off';
  /** Time of the last sync by this server. */
  readonly at?: string;
  /** What the user should know: an error, or a message of the sync server. */
  readonly why?: string;
}

/** Carries out actions: a running Anki with the add-on, or Anki's engine on a collection file. */
export interface Backend {
  readonly kind: 'anki-connect' | 'engine';
  readonly capabilities: Capabilities;
  /** URL or collection path, to show to people. */
  readonly place: string;
  /** The side that `sync` may replace completely, as `--sync-full` allows, until it has done so. */
  readonly fullSync?: 'upload' | 'download' | undefined;
  /** Whether `sync` has an account. Undefined if that is not known, as of the desktop. */
  readonly hasAccount?: boolean | undefined;
  /** State of its sync. Undefined without an account, and of the desktop. */
  readonly sync?: SyncState | undefined;
  /** Runs an action. Wrong parameters do not compile. */
  readonly call: <N extends ActionName>(
    name: N,
    params: Input<N>,
    options?: CallOptions,
  ) => Promise<Output<N>>;
  /** Runs an action with unchecked parameters, as they arrive over the wire; refuses wrong ones as Anki-Connect does. */
  request<N extends ActionName>(name: N, params: Params<N>, options?: CallOptions): Promise<Output<N>>;
  /** Runs an operation of Anki's engine that Anki-Connect does not have. Only the engine backend has it. */
  operate?<N extends OperationName>(
    name: N,
    params: OperationParams<N>,
    options?: CallOptions,
  ): Promise<OperationResult<N>>;
  /** Runs several calls of the backend passed to `work` as one undo step, with no other call between them. */
  together?<T>(work: (inner: Calls) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Writes a backup of the whole collection into an empty folder and checks it; returns false if none was made. */
  backup?(folder: string): Promise<boolean>;
  /** Restores notes, or the whole collection, from a file that `backup` wrote. Returns the ids that it does not contain. */
  restore?(path: string, notes?: NotesToRestore): Promise<readonly number[]>;
  /** Returns a backend on a copy of the collection without its media. Closing it deletes the copy. */
  copy?(): Promise<Backend>;
  /** Runs work on one backend from start to end. A backend that never changes does not need it. */
  hold?<T>(work: HeldWork<T>): Promise<T>;
  /** True while a call runs that may change something and that is not safe to break off. */
  readonly isWriting?: boolean;
  /** Loads the code that calls need, and starts the engine, without touching Anki or a collection. */
  load?(): Promise<unknown>;
  /** Refuses queued calls, waits for the running one, and closes. A later call opens it again. */
  close(): Promise<void>;
  /** The same for another program that waits for the collection: changes are not synced before. Default: `close`. */
  release?(): Promise<void>;
}

/** The entries of a backend that carry out calls. */
export type Calls = Pick<Backend, 'request' | 'operate' | 'together'>;

/** Returns the typed entry to a backend's requests. */
export const typedCall =
  (backend: Pick<Backend, 'request'>): Backend['call'] =>
  <N extends ActionName>(name: N, params: Input<N>, options?: CallOptions) =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every input is a valid set of unchecked parameters
    backend.request(name, params as Params<N>, options);

/** Runs work on one backend from start to end. Only while it is paused, the backend may change; it fails then. */
export const hold = <T>(backend: Backend, work: HeldWork<T>): Promise<T> =>
  backend.hold ? backend.hold(work) : work(backend, (wait) => wait());

/** Runs work as one undo step, if the backend can. */
export const together = <T>(
  backend: Calls,
  work: (inner: Calls) => Promise<T>,
  options?: CallOptions,
): Promise<T> => (backend.together ? backend.together(work, options) : work(backend));

/** Returns a backend whose calls are part of a running undo step of another one. */
export const within = (backend: Backend, inner: Calls): Backend => ({
  kind: backend.kind,
  capabilities: backend.capabilities,
  place: backend.place,
  fullSync: backend.fullSync,
  hasAccount: backend.hasAccount,
  call: typedCall(inner),
  ...inner,
  close: async () => {},
});

/** Returns the entry to the operations of Anki's engine. Throws Unavailable if the backend has none. */
export function operationsOf(backend: Calls): NonNullable<Backend['operate']> {
  if (backend.operate) return backend.operate.bind(backend);
  throw new Unavailable(needsEngine);
}

const needsEngine =
  "Only Anki's own engine can do this, not the Anki-Connect add-on, and Anki is using the collection. Nothing was changed. Close Anki and repeat the call; that needs a server that was set up for a profile or a collection file (docs/engine.md).";

/** Returns a backend that is opened by its first call. */
export function whenNeeded(kind: Backend['kind'], place: string, create: () => Promise<Backend>): Backend {
  let opened: Promise<Backend> | undefined;
  let backend: Backend | undefined;
  const open = (): Promise<Backend> =>
    (opened ??= create()
      .then((created) => (backend = created))
      .catch((error: unknown) => {
        opened = undefined; // the next call tries again
        throw error;
      }));
  const request: Backend['request'] = async (name, params, options) =>
    (await open()).request(name, params, options);
  return {
    kind,
    capabilities: capabilitiesOf[kind],
    place,
    get isWriting() {
      return backend?.isWriting ?? false;
    },
    call: typedCall({ request }),
    request,
    ...(kind === 'engine' && {
      operate: async (name, params, options) => operationsOf(await open())(name, params, options),
    }),
    together: async (work, options) => together(await open(), work, options),
    backup: async (folder) => (await open()).backup?.(folder) ?? false,
    restore: async (path, notes) => (await open()).restore?.(path, notes) ?? [],
    hold: async (work) => hold(await open(), work),
    load: async () => (await open()).load?.(),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}
