import type { ActionName, Output, Params } from './index.ts';

export interface CallOptions {
  /** Cancels: a call that still waits is never sent. */
  readonly signal?: AbortSignal;
  /** Told of the progress of a long call, in words. */
  readonly progress?: (message: string) => void;
}

/** Where actions are carried out: a running Anki with the add-on, or Anki's engine on a collection file. */
export interface Backend {
  readonly kind: 'anki-connect' | 'engine';
  /** Where it is, for people: a URL or a collection path. */
  readonly place: string;
  call<N extends ActionName>(name: N, params: Params<N>, options?: CallOptions): Promise<Output<N>>;
  /** Calls with none of others between them, and one step to undo. */
  together?<T>(work: (call: Backend['call']) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Writes the whole collection into a folder, as a file that Anki restores; false where that cannot be. */
  backup?(folder: string): Promise<boolean>;
  /** Runs work that must not change its backend on the way; without it, there is only one. */
  hold?<T>(work: (backend: Backend) => Promise<T>): Promise<T>;
  /** Loads the code that calls will need; touches neither Anki nor a collection. */
  load?(): Promise<unknown>;
  close(): Promise<void>;
}

/** Runs work on one backend from start to end. */
export const hold = <T>(backend: Backend, work: (held: Backend) => Promise<T>): Promise<T> =>
  backend.hold ? backend.hold(work) : work(backend);

/** A backend that is opened by its first call. */
export function whenNeeded(kind: Backend['kind'], place: string, open: () => Promise<Backend>): Backend {
  let opened: Promise<Backend> | undefined;
  return {
    kind,
    place,
    call: async (name, params, options) => (await (opened ??= open())).call(name, params, options),
    together: async (work, options) => {
      const backend = await (opened ??= open());
      return backend.together
        ? backend.together(work, options)
        : work((name, params) => backend.call(name, params, options));
    },
    backup: async (folder) => (await (opened ??= open())).backup?.(folder) ?? false,
    hold: async (work) => hold(await (opened ??= open()), work),
    load: () => (opened ??= open()),
    close: async () => (await opened)?.close(),
  };
}
