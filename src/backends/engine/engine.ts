import { basename, dirname, resolve } from 'node:path';
import type { Action } from '../../contract/action.ts';
import { actions, type ActionName, type Output, type Params } from '../../contract/index.ts';
import {
  capabilitiesOf,
  typedCall,
  type Backend,
  type Calls,
  type CallOptions,
  type NotesToRestore,
  type SyncState,
} from '../../contract/backend.ts';
import type { OperationName, OperationParams, OperationResult } from '../../contract/engine/index.ts';
import { isLongRead, readInParts } from '../../contract/long-reads.ts';
import type { Json } from '../../lib/json.ts';
import { bind } from '../../anki-connect/binding.ts';
import { AnkiRefused, OutcomeUnknown, Unreachable } from '../../contract/errors.ts';
import { withBackupOpen } from './backup/copy.ts';
import { restoreNotes } from './backup/restore-notes.ts';
import { copyCollection, deleteCopy } from './session/collection-copy.ts';
import { checkBackups, makeBackup } from './backup/make.ts';
import { oneAtATime } from '../../lib/one-at-a-time.ts';
import { Account } from './session/account.ts';
import { AutoSync, type SyncCall, type Synced } from './session/auto-sync.ts';
import { tokenFiles } from './session/token-files.ts';
import { placeOf, type Collection } from './session/collection.ts';
import { changedMeanwhile } from './session/opening.ts';
import type { Session } from './session/session.ts';
import { Turns } from './session/turns.ts';
import { handlers } from './handlers/index.ts';
import { runOperation, type Operation } from './operations/operation.ts';
import { operations } from './operations/index.ts';
import type { HandlerCall, Handlers } from './session/handler.ts';
import { OpenedCollection } from './opened-collection.ts';
import type { EngineOptions } from './options.ts';
import { cacheFolder, install } from './process/install.ts';
import { withProgress } from './process/progress.ts';
import { syncUnasked } from './handlers/sync.ts';

/** Milliseconds that a media sync gets to finish when the engine is closed. */
const backgroundMs = 5000;

/** The engine backend: Anki's own engine on a collection file. Runs one action at a time and opens the collection when needed. */
export class Engine implements Backend {
  readonly kind = 'engine';
  readonly capabilities = capabilitiesOf.engine;
  readonly place: string;
  readonly hasAccount: boolean;
  readonly #options: EngineOptions;
  readonly #account: Account;
  readonly #opened: OpenedCollection;
  readonly #autoSync: AutoSync | undefined;
  readonly #turns = new Turns({
    begin: () => clearTimeout(this.#idleTimer),
    end: (isWrite) => this.#endTurn(isWrite),
  });
  #idleTimer: NodeJS.Timeout | undefined;

  readonly call = typedCall(this);

  constructor(options: EngineOptions) {
    this.#options = options;
    this.place = resolve(options.collection);
    this.hasAccount = options.sync?.user !== undefined || options.sync?.tokenFile !== undefined;
    const tokens = tokenFiles(options.engineDir ?? cacheFolder(), this.place);
    this.#account = new Account(options.sync ?? {}, tokens, options.log);
    this.#opened = new OpenedCollection(this.place, options, {
      profile: options.profile ?? basename(dirname(this.place)),
      account: this.#account,
      importsAtOnce: options.importsAtOnce ?? false,
      installation: () => install(options),
    });
    this.#autoSync =
      options.sync?.auto &&
      new AutoSync({
        account: this.#account,
        times: options.sync.auto,
        media: placeOf(this.place).media,
        log: options.log,
        sync: (call) => this.#syncUnasked(call),
        inTurn: (work) => this.#turns.take(true, work),
      });
  }

  get sync(): SyncState | undefined {
    const { lastSync } = this.#account;
    if (!this.hasAccount || this.#autoSync) return this.#autoSync?.state;
    return { state: 'off', ...(lastSync && { at: lastSync.at.toISOString() }) };
  }

  load(): Promise<void> {
    return this.#turns.next(() => this.#opened.start());
  }

  /** Runs an action. A long read takes a turn for each of its parts, so that other calls run in between. */
  async request<N extends ActionName>(
    name: N,
    params: Params<N>,
    options: CallOptions = {},
  ): Promise<Output<N>> {
    await this.#autoSync?.before(options, name === 'sync');
    if (!isLongRead(name, params)) return this.#inTurn(name, params, options);
    const all: Json[] = [];
    const parts = readInParts(name, params, (part, partParams) => this.#inTurn(part, partParams, options));
    for await (const items of parts) all.push(...items);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the items of a list, in its order
    return all as Output<N>;
  }

  async #inTurn<N extends ActionName>(name: N, params: Params<N>, options: CallOptions): Promise<Output<N>> {
    const isWrite = !actions[name].annotations.readOnlyHint;
    let rest: (() => Promise<void>) | undefined;
    const leave = (work: () => Promise<void>): void => void (rest = work);
    const result = await this.#take(isWrite, options, (session) =>
      this.#run(session, name, params, options, leave),
    );
    if (rest) await this.#turns.inBackground(rest());
    return result;
  }

  async operate<N extends OperationName>(
    name: N,
    params: OperationParams<N>,
    options: CallOptions = {},
  ): Promise<OperationResult<N>> {
    await this.#autoSync?.before(options);
    const isWrite = operations[name].kind !== 'read';
    return this.#take(isWrite, options, (session) => this.#operate(session, name, params, options));
  }

  /** Runs work on the open collection in a turn. */
  #take<T>(isWrite: boolean, options: CallOptions, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#turns.take(isWrite, async () => {
      options.signal?.throwIfAborted();
      try {
        return await work(await this.#opened.open(options));
      } catch (error) {
        if (!(error instanceof OutcomeUnknown) || isWrite) throw error;
        return work(await this.#opened.open(options)); // the host process had ended: a read may be repeated
      }
    });
  }

  async together<T>(work: (inner: Calls) => Promise<T>, options: CallOptions = {}): Promise<T> {
    await this.#autoSync?.before(options);
    return this.#take(true, options, async (session) => {
      const next = oneAtATime(); // a read may roll back a write that runs at the same time
      const inTurn = <R>(call: () => Promise<R>): Promise<R> =>
        next(() => {
          if (this.#opened.file.change()) throw new OutcomeUnknown(changedMeanwhile(this.place));
          return call();
        });
      const inner: Calls = {
        request: (name, params) => inTurn(() => this.#run(session, name, params, options)),
        operate: (name, params) => inTurn(() => this.#operate(session, name, params, options)),
        together: (more) => more(inner),
      };
      return session.undoSteps.joinActions(() => work(inner));
    });
  }

  get fullSync(): Backend['fullSync'] {
    const { full } = this.#account;
    return full === 'download-if-empty' ? undefined : full;
  }

  copy(): Promise<Backend> {
    return this.#turns.take(false, async () => {
      if (!this.#options.isTemporary) await this.#opened.open(); // so that no other program has it open
      const collection = await copyCollection(this.place);
      const own = { collection, sync: undefined, onOpen: undefined, isTemporary: true };
      return new Engine({ ...this.#options, ...own });
    });
  }

  backup(folder: string): Promise<boolean> {
    return this.#turns.take(true, () => this.#backUp(folder));
  }

  /** True while a call runs that may change the collection or a server. */
  get isWriting(): boolean {
    return this.#turns.isWriting;
  }

  async restore(path: string, notes?: NotesToRestore): Promise<readonly number[]> {
    // The engine would replace the collection by a deck package, too.
    if (!path.endsWith('.colpkg')) throw new AnkiRefused(`${path} is no backup of a whole collection.`);
    return this.#turns.take(true, async () => {
      const session = await this.#opened.open();
      if (notes) {
        const restore = (backup: Collection, folder: string) => restoreNotes(session, backup, folder, notes);
        return withBackupOpen(await install(this.#options), path, restore);
      }
      await this.#opened.close();
      const { path: colPath, media: mediaFolder, mediaDb } = session.place;
      const request = { colPath, backupPath: path, mediaFolder, mediaDb };
      const { host } = this.#opened;
      if (!host) throw new Unreachable("Nothing was restored: Anki's engine has ended. Repeat the call.");
      await host.call('import_collection_package', request);
      return [];
    });
  }

  async close(): Promise<void> {
    this.#autoSync?.close();
    try {
      await this.#closeAll(async () => this.#autoSync?.last());
    } finally {
      if (this.#options.isTemporary) await deleteCopy(this.place);
    }
  }

  async release(): Promise<void> {
    this.#autoSync?.close(0);
    await this.#closeAll(async () => {});
  }

  async #closeAll(syncLast: () => Promise<void>): Promise<void> {
    await this.#turns.close(async () => {
      await this.#turns.inBackground(syncLast());
      await this.#endBackground();
      await this.#opened.close();
      await this.#opened.endHost();
    });
    clearTimeout(this.#idleTimer);
  }

  /** What follows each call. */
  async #endTurn(isWrite: boolean): Promise<void> {
    if (this.#opened.session) await this.#autoSync?.after(this.#opened.session);
    if (isWrite) this.#opened.file.written();
    this.#closeAfter(this.#options.idleMs ?? 60_000);
  }

  /** Waits for a media sync, and stops it if it takes long: the next sync continues it. */
  async #endBackground(): Promise<void> {
    const abort = () => void this.#opened.host?.call('abort_media_sync', {}).catch(() => {}); // the host process has ended, and the sync with it
    const timer = setTimeout(abort, backgroundMs);
    await this.#turns.backgroundEnded();
    clearTimeout(timer);
  }

  /** Closes the collection after this time without a call; later if there is something to undo. */
  #closeAfter(ms: number, waitedMs = 0): void {
    clearTimeout(this.#idleTimer);
    const { undoIdleMs = this.#options.idleMs ?? 600_000, log } = this.#options;
    const closeIdle = async () => {
      if (this.#turns.hasBackground) {
        this.#closeAfter(ms, waitedMs);
        return;
      }
      const restMs = undoIdleMs - ms - waitedMs;
      const isKept = restMs > 0 && (await this.#opened.session?.undoSteps.hasEntries().catch(() => false));
      if (isKept) this.#closeAfter(restMs, ms + waitedMs);
      else await this.#opened.close();
    };
    const onIdle = () => void this.#turns.next(closeIdle).catch((error: unknown) => log(String(error)));
    if (this.#opened.session) this.#idleTimer = setTimeout(onIdle, ms).unref();
  }

  async #backUp(folder: string): Promise<boolean> {
    let session = await this.#opened.open();
    if (!(await makeBackup(session, folder))) {
      // The engine makes no second backup of an unchanged collection, even if the last attempt failed. Reopening resets that.
      await this.#opened.close();
      session = await this.#opened.open();
      if (!(await makeBackup(session, folder))) return false;
    }
    await checkBackups(await install(this.#options), session, folder);
    return true;
  }

  async #syncUnasked(call: SyncCall): Promise<Synced> {
    call.signal.throwIfAborted();
    const session = await this.#opened.open();
    try {
      const synced = await syncUnasked(session, { ...call, backUp: (folder) => this.#backUp(folder) });
      return { ...synced, media: this.#turns.inBackground(synced.media) };
    } finally {
      this.#opened.file.written(true);
    }
  }

  async #run<N extends ActionName>(
    session: Session,
    name: N,
    params: Params<N>,
    options: CallOptions,
    leave?: (work: () => Promise<void>) => void,
  ): Promise<Output<N>> {
    bind(name, params);
    const handler: Handlers<ActionName>[N] = handlers[name];
    const run: HandlerCall['run'] = (child, childParams) => this.#run(session, child, childParams, options);
    const afterwards: HandlerCall['afterwards'] = async (rest) => (leave ? leave(rest) : rest());
    const backUp: HandlerCall['backUp'] = (folder) => this.#backUp(folder);
    const observeSync: HandlerCall['observeSync'] = (sync) => this.#autoSync?.observe(sync) ?? sync();
    const work = async () => handler(session, params, { ...options, run, backUp, afterwards, observeSync });
    const { slow, title, annotations }: Action = actions[name];
    const checked = annotations.readOnlyHint ? () => session.asRead(work) : work;
    const runSlowly = () => (slow ? withProgress(session, name, options, checked) : checked());
    try {
      if (annotations.readOnlyHint || name === 'multi') return await runSlowly();
      session.beforeWrite();
      return await session.undoSteps.action(title, options.report, runSlowly);
    } finally {
      if (!annotations.readOnlyHint) this.#opened.file.written(name === 'sync'); // a download replaces the file
    }
  }

  async #operate<N extends OperationName>(
    session: Session,
    name: N,
    params: OperationParams<N>,
    options: CallOptions,
  ): Promise<OperationResult<N>> {
    const operation: Operation<N> = operations[name];
    try {
      return await runOperation(operation, session, params, options);
    } finally {
      this.#opened.file.written();
    }
  }
}
