import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Action } from '../../contract/action.ts';
import { actions, type ActionName, type Output, type Params } from '../../contract/index.ts';
import { capabilitiesOf, typedCall, type Backend, type CallOptions } from '../../contract/backend.ts';
import { bind } from '../../anki-connect/binding.ts';
import { OutcomeUnknown, Unreachable } from '../../contract/errors.ts';
import { Account, type SyncOptions } from './session/account.ts';
import { card } from './handlers/card.ts';
import { placeOf, type Place } from './session/collection.ts';
import { deck } from './handlers/deck.ts';
import { Session, Windows, type SessionSettings } from './session/session.ts';
import { EngineError } from './process/engine-error.ts';
import { gui } from './handlers/gui.ts';
import type { Call, Handlers } from './session/handler.ts';
import { Host } from './process/host.ts';
import { cacheFolder, install, type InstallOptions } from './process/install.ts';
import { media } from './handlers/media.ts';
import { misc } from './handlers/misc.ts';
import { model } from './handlers/model.ts';
import { note } from './handlers/note.ts';
import { fileImport } from './handlers/package.ts';
import { watched } from './process/progress.ts';
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

export interface EngineOptions extends InstallOptions {
  readonly collection: string;
  /** The profile's name; that of the collection's folder otherwise. */
  readonly profile?: string | undefined;
  /** Milliseconds without a call after which the collection is let go, so that the desktop can open it. */
  readonly idle?: number | undefined;
  /** What to do when another program has the collection open. */
  readonly whenInUse?: string | undefined;
  readonly sync?: SyncOptions | undefined;
  /** Whether guiImportFile imports; otherwise it waits, as the desktop does, for somebody to press Import. */
  readonly importsAtOnce?: boolean | undefined;
}

/** Anki's own engine on a collection file. One action at a time; the collection is opened when it is needed. */
export class Engine implements Backend {
  readonly kind = 'engine';
  readonly capabilities = capabilitiesOf.engine;
  readonly place: string;
  readonly #options: EngineOptions;
  readonly #settings: SessionSettings;
  readonly #windows = new Windows();
  #host: Host | undefined;
  #session: Session | undefined;
  /** That of the collection which is or was open. */
  #file: string | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

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
    return this.#inTurn(async () => {
      options.signal?.throwIfAborted();
      try {
        return await this.#run(await this.#open(), name, params, options);
      } catch (error) {
        if (!(error instanceof OutcomeUnknown) || !actions[name].annotations.readOnlyHint) throw error;
        return this.#run(await this.#open(), name, params, options); // the host had died: a read may be asked again
      }
    });
  }

  async together<T>(
    work: (request: Backend['request']) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    return this.#inTurn(async () => {
      options.signal?.throwIfAborted();
      const session = await this.#open();
      return session.asOneStep(() => work((name, params) => this.#run(session, name, params, options)));
    });
  }

  async backup(folder: string): Promise<boolean> {
    const make = async () => {
      const request = { backupFolder: folder, force: true, waitForCompletion: true };
      return (await (await this.#open()).call('create_backup', request)).val;
    };
    return this.#inTurn(async () => {
      if (await make()) return true;
      // Since it was opened, nothing has changed after the last backup, or after an attempt at one that failed.
      await this.#letGo();
      return make();
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#letGo();
      await this.#host?.close();
      this.#host = undefined;
    });
    clearTimeout(this.#idle);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      clearTimeout(this.#idle);
      try {
        return await work();
      } finally {
        const letGo = () => this.#inTurn(() => this.#letGo());
        const idle = () => void letGo().catch((error: unknown) => this.#options.log(String(error)));
        if (this.#session) this.#idle = setTimeout(idle, this.#options.idle ?? 60_000).unref();
      }
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #run<N extends ActionName>(
    session: Session,
    name: N,
    params: Params<N>,
    options: CallOptions,
  ): Promise<Output<N>> {
    bind(name, params);
    const handler: Handlers<ActionName>[N] = handlers[name];
    const run: Call['run'] = (child, childParams) => this.#run(session, child, childParams, options);
    const work = async () => handler(session, params, { ...options, run });
    const { slow }: Action = actions[name];
    try {
      return await (slow ? watched(session, name, options, work) : work());
    } finally {
      if (name === 'sync') this.#file = await fileAt(this.place); // a download puts another one there
    }
  }

  async #open(): Promise<Session> {
    if (this.#host?.ended) {
      await this.#host.close(); // until it is gone, it has the collection
      this.#host = undefined;
      this.#session = undefined;
    }
    const file = await fileAt(this.place);
    if (this.#session && file === this.#file) return this.#session;
    if (this.#session) await this.#leave();
    if (file === undefined && this.#file !== undefined) {
      throw new Unreachable(
        `The collection ${this.place} is gone: it was moved or deleted. Nothing was changed. Put it back, or start anew to have an empty one made.`,
      );
    }
    this.#host ??= await Host.start(await install(this.#options));
    const place = placeOf(this.place);
    await openCollection(this.#host, place, this.#options.whenInUse ?? closeIt);
    this.#file = await fileAt(this.place);
    this.#session = new Session(this.#host, place, this.#windows, this.#settings);
    await this.#session.resume();
    return this.#session;
  }

  /** Lets go of a file that is no longer in its place: what was written went with it, and nothing of it may stay for the next. */
  async #leave(): Promise<void> {
    this.#options.log(
      `${this.place} was moved, deleted or replaced while it was open: what was written until now is in the file that was there`,
    );
    // Else SQLite would take what is in the log beside it for a part of the new file.
    await this.#host?.query('pragma wal_checkpoint(truncate)').catch(() => {});
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const open = this.#session !== undefined && !this.#host?.ended;
    this.#session = undefined;
    if (open) await this.#host?.call('close_collection', { downgradeToSchema11: false });
  }
}

/** Tells one file from another, whatever its name; nothing where there is none. */
const fileAt = (path: string): Promise<string | undefined> =>
  stat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev} ${ino}`,
    () => undefined,
  );

const closeIt = 'Close it there, or work through the running Anki by leaving out --collection.';

async function openCollection(host: Host, place: Place, whenInUse: string): Promise<void> {
  const folder = dirname(place.path);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new Unreachable(
      `There is no folder ${folder} to hold the collection. Check --collection, or make the folder.`,
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
        `Nothing was changed: the collection ${place.path} was only being opened. Try again; if it fails again, the file may be damaged: restore a backup in Anki. ${error.message}`,
      );
    }
    if (!(error instanceof EngineError)) throw error;
    throw new Unreachable(`${reasonOf(error.said, place.path, whenInUse)} Anki says: ${error.said}`);
  }
  // Callers of getMediaDirPath put files there.
  await mkdir(place.media, { recursive: true }).catch(async (error: Error) => {
    await host.call('close_collection', { downgradeToSchema11: false });
    throw new Unreachable(
      `The folder for the collection's media cannot be made: ${error.message}. Nothing was changed. Move away what is in its place, or see to its permissions and space.`,
    );
  });
}

function reasonOf(message: string, path: string, whenInUse: string): string {
  if (message.includes('already open')) {
    return `The collection ${path} is open in another program: Anki itself, or another server. ${whenInUse}`;
  }
  if (message.includes('NotADatabase') || message.includes('not a database')) {
    return `${path} is not an Anki collection. Check --collection; a collection's file is usually named collection.anki2.`;
  }
  if (/FileTooNew|newer/i.test(message)) {
    return `The collection ${path} was made by a newer Anki than this engine. Update ankiwright.`;
  }
  return `The collection ${path} could not be opened. Check that the file can be read and written; if it is damaged, restore a backup in Anki.`;
}
