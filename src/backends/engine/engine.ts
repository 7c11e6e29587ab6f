import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Action } from '../../contract/action.ts';
import { actions, type ActionName, type Output, type Params } from '../../contract/index.ts';
import { capabilitiesOf, typedCall, type Backend, type CallOptions } from '../../contract/backend.ts';
import { bind } from '../../anki-connect/binding.ts';
import { OutcomeUnknown, Unreachable } from '../../contract/errors.ts';
import { checkBackups, makeBackup } from './backup/make.ts';
import { Account, type SyncOptions } from './session/account.ts';
import { card } from './handlers/card.ts';
import { placeOf, type Place } from './session/collection.ts';
import { deck } from './handlers/deck.ts';
import { Session, Windows, type SessionSettings } from './session/session.ts';
import { EngineError } from './process/engine-error.ts';
import { gui } from './handlers/gui.ts';
import type { HandlerCall, Handlers } from './session/handler.ts';
import { Host } from './process/host.ts';
import { cacheFolder, install, type InstallOptions } from './process/install.ts';
import { media } from './handlers/media.ts';
import { misc } from './handlers/misc.ts';
import { model } from './handlers/model.ts';
import { note } from './handlers/note.ts';
import { fileImport } from './handlers/package.ts';
import { withProgress } from './process/progress.ts';
import { statistic } from './handlers/statistic.ts';

const handlers: Handlers<ActionName> = {
  ...card,
  ...deck,
  ...gui,
  ...media,
  ...model,
  ...note,
  ...fileImport,
  ...misc,
  ...statistic,
};

/** Settings of the engine backend, from the command line. */
export interface EngineOptions extends InstallOptions {
  /** Path of the collection file. It is created if it does not exist. */
  readonly collection: string;
  /** Profile name; by default the name of the collection's folder. */
  readonly profile?: string | undefined;
  /** Milliseconds without a call after which the collection is closed, so that the desktop can open it. */
  readonly idleMs?: number | undefined;
  /** The same while there is something to undo: closing the collection empties the undo list. */
  readonly undoIdleMs?: number | undefined;
  /** Advice for the error when another program has the collection open. */
  readonly whenInUse?: string | undefined;
  /** Account for the action sync. */
  readonly sync?: SyncOptions | undefined;
  /** True if guiImportFile imports at once; otherwise it waits for a click on Import, as the desktop does. */
  readonly importsAtOnce?: boolean | undefined;
}

/** The engine backend: Anki's own engine on a collection file. Runs one action at a time and opens the collection when needed. */
export class Engine implements Backend {
  readonly kind = 'engine';
  readonly capabilities = capabilitiesOf.engine;
  readonly place: string;
  readonly #options: EngineOptions;
  readonly #settings: SessionSettings;
  readonly #windows = new Windows();
  #host: Host | undefined;
  #session: Session | undefined;
  /** Device and inode of the collection file that is or was open. */
  #fileId: string | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #idleTimer: NodeJS.Timeout | undefined;

  readonly call = typedCall(this);

  constructor(options: EngineOptions) {
    this.#options = options;
    this.place = resolve(options.collection);
    const tokenFile = join(options.engineDir ?? cacheFolder(), 'sync.json');
    this.#settings = {
      profile: options.profile ?? basename(dirname(this.place)),
      account: new Account(options.sync ?? {}, tokenFile, options.log),
      importsAtOnce: options.importsAtOnce ?? false,
    };
  }

  async request<N extends ActionName>(
    name: N,
    params: Params<N>,
    options: CallOptions = {},
  ): Promise<Output<N>> {
    return this.#enqueue(async () => {
      options.signal?.throwIfAborted();
      try {
        return await this.#run(await this.#open(), name, params, options);
      } catch (error) {
        if (!(error instanceof OutcomeUnknown) || !actions[name].annotations.readOnlyHint) throw error;
        return this.#run(await this.#open(), name, params, options); // the host process had ended: a read may be repeated
      }
    });
  }

  async together<T>(
    work: (request: Backend['request']) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    return this.#enqueue(async () => {
      options.signal?.throwIfAborted();
      const session = await this.#open();
      const run = () =>
        session.asOneStep(() => work((name, params) => this.#run(session, name, params, options)));
      return session.undoSteps.action(undefined, options.report, run);
    });
  }

  async backup(folder: string): Promise<boolean> {
    return this.#enqueue(async () => {
      let session = await this.#open();
      if (!(await makeBackup(session, folder))) {
        // The engine makes no second backup of an unchanged collection, even if the last attempt failed. Reopening resets that.
        await this.#closeCollection();
        session = await this.#open();
        if (!(await makeBackup(session, folder))) return false;
      }
      await checkBackups(await install(this.#options), session, folder);
      return true;
    });
  }

  async close(): Promise<void> {
    await this.#enqueue(async () => {
      await this.#closeCollection();
      await this.#host?.close();
      this.#host = undefined;
    });
    clearTimeout(this.#idleTimer);
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      clearTimeout(this.#idleTimer);
      try {
        return await work();
      } finally {
        this.#closeAfter(this.#idleMs);
      }
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  get #idleMs(): number {
    return this.#options.idleMs ?? 60_000;
  }

  /** Closes the collection after this time without a call; later if there is something to undo. */
  #closeAfter(ms: number, waitedMs = 0): void {
    clearTimeout(this.#idleTimer);
    const { undoIdleMs = this.#options.idleMs ?? 600_000, log } = this.#options;
    const closeIdle = async () => {
      const restMs = undoIdleMs - ms - waitedMs;
      const isKept = restMs > 0 && (await this.#session?.undoSteps.hasEntries().catch(() => false));
      if (isKept) this.#closeAfter(restMs, ms + waitedMs);
      else await this.#closeCollection();
    };
    const onIdle = () => {
      this.#queue = this.#queue.then(closeIdle).catch((error: unknown) => log(String(error)));
    };
    if (this.#session) this.#idleTimer = setTimeout(onIdle, ms).unref();
  }

  async #run<N extends ActionName>(
    session: Session,
    name: N,
    params: Params<N>,
    options: CallOptions,
  ): Promise<Output<N>> {
    bind(name, params);
    const handler: Handlers<ActionName>[N] = handlers[name];
    const run: HandlerCall['run'] = (child, childParams) => this.#run(session, child, childParams, options);
    const work = async () => handler(session, params, { ...options, run });
    const { slow, title, annotations }: Action = actions[name];
    const checked = annotations.readOnlyHint ? () => session.asRead(work) : work;
    const runSlowly = () => (slow ? withProgress(session, name, options, checked) : checked());
    try {
      if (annotations.readOnlyHint) return await runSlowly();
      return await session.undoSteps.action(name === 'multi' ? undefined : title, options.report, runSlowly);
    } finally {
      if (name === 'sync') this.#fileId = await fileIdAt(this.place); // a download replaces the file
    }
  }

  async #open(): Promise<Session> {
    if (this.#host?.ended) {
      await this.#host.close(); // it keeps the collection open until it has ended
      this.#host = undefined;
      this.#session = undefined;
    }
    const file = await fileIdAt(this.place);
    if (this.#session && file === this.#fileId) return this.#session;
    if (this.#session) await this.#closeReplaced();
    if (file === undefined && this.#fileId !== undefined) {
      throw new Unreachable(
        `The collection ${this.place} does not exist any more: it was moved or deleted. Nothing was changed. Put it back, or restart the server to create an empty one.`,
      );
    }
    this.#host ??= await Host.start(await install(this.#options));
    const place = placeOf(this.place);
    await openCollection(this.#host, place, this.#options.whenInUse ?? closeAdvice);
    this.#fileId = await fileIdAt(this.place);
    this.#session = new Session(this.#host, place, this.#windows, this.#settings);
    await this.#session.resume();
    return this.#session;
  }

  /** Closes a file that was moved or replaced. Earlier changes belong to the moved file; nothing of it may get into the new one. */
  async #closeReplaced(): Promise<void> {
    this.#options.log(
      `${this.place} was moved, deleted or replaced while it was open; earlier changes are in the previous file`,
    );
    // Otherwise SQLite would apply the old log file to the new collection.
    await this.#host?.query('pragma wal_checkpoint(truncate)').catch(() => {});
    await this.#closeCollection();
  }

  async #closeCollection(): Promise<void> {
    const open = this.#session !== undefined && !this.#host?.ended;
    this.#session = undefined;
    if (open) await this.#host?.call('close_collection', { downgradeToSchema11: false });
  }
}

/** Returns the identity of the file at a path, or undefined if there is none. */
const fileIdAt = (path: string): Promise<string | undefined> =>
  stat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev} ${ino}`,
    () => undefined,
  );

/** Default of `whenInUse`. */
const closeAdvice = 'Close it there, or omit --collection to work through the running Anki.';

/** Opens a collection in the host process, and creates its media folder. Throws Unreachable. */
async function openCollection(host: Host, place: Place, whenInUse: string): Promise<void> {
  const folder = dirname(place.path);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new Unreachable(
      `The collection's folder ${folder} does not exist. Check --collection, or create the folder.`,
    );
  }
  try {
    await host.call('open_collection', {
      collectionPath: place.path,
      mediaFolderPath: place.media,
      mediaDbPath: place.mediaDb,
    });
  } catch (error) {
    if (error instanceof OutcomeUnknown) {
      throw new Unreachable(
        `Nothing was changed: the collection ${place.path} could not be opened. Try again. If it fails again, the file may be damaged: restore a backup in Anki. ${error.message}`,
      );
    }
    if (!(error instanceof EngineError)) throw error;
    throw new Unreachable(`${reasonOf(error.original, place.path, whenInUse)} Anki says: ${error.original}`);
  }
  // Callers of getMediaDirPath write files there.
  await mkdir(place.media, { recursive: true }).catch(async (error: Error) => {
    await host.call('close_collection', { downgradeToSchema11: false });
    throw new Unreachable(
      `The folder for the collection's media cannot be created: ${error.message}. Nothing was changed. Move any file of that name away, and check permissions and free space.`,
    );
  });
}

/** Returns the reason and a remedy for the engine's error message about a file that could not be opened. */
function reasonOf(message: string, path: string, whenInUse: string): string {
  if (message.includes('already open')) {
    return `The collection ${path} is open in another program: Anki itself, or another server. ${whenInUse}`;
  }
  if (message.includes('NotADatabase') || message.includes('not a database')) {
    return `${path} is not an Anki collection. Check --collection; a collection's file is usually named collection.anki2.`;
  }
  if (/FileTooNew|newer/i.test(message)) {
    return `The collection ${path} was written by a newer Anki than this engine. Update ankiwright.`;
  }
  return `The collection ${path} could not be opened. Check that the file is readable and writable. If it is damaged, restore a backup in Anki.`;
}
