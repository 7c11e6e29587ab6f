import { stat } from 'node:fs/promises';
import type { CallOptions, SyncState } from '../../../contract/backend.ts';
import { AnkiRefused, Unavailable } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import { inOneLine } from '../../../lib/one-line.ts';
import { EngineError, isLoginRefused } from '../process/engine-error.ts';
import type { Account, SyncTimes } from './account.ts';
import type { Collection } from './collection.ts';

const defaultTimes: SyncTimes = {
  stale: 120_000,
  wait: 8_000,
  quiet: 30_000,
  atMost: 60_000,
  last: 8_000,
  retry: 60_000,
  maxRetry: 1_800_000,
};

export interface SyncCall {
  /** Breaks the sync off. Nothing is changed then. */
  readonly signal: AbortSignal;
  /** Called before a download of the whole collection, which calls have to wait for. */
  readonly onDownload?: () => void;
}

/** A finished sync of the collection. */
export interface Synced {
  /** Message of the server to its user, or ''. */
  readonly message: string;
  /** The sync of the media, which goes on in the background. */
  readonly media: Promise<void>;
}

export interface AutoSyncOptions {
  readonly account: Account;
  readonly times: Partial<SyncTimes>;
  /** The media folder. */
  readonly media: string;
  readonly log: (message: string) => void;
  /** Syncs the collection, in the current turn of the engine. */
  readonly sync: (call: SyncCall) => Promise<Synced>;
  /** Runs work in a turn of its own. */
  readonly inTurn: (work: () => Promise<Synced>) => Promise<Synced>;
}

interface Running {
  /** Resolves when the turn of the sync begins. */
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
  readonly cancel: AbortController;
  isDownload: boolean;
}

/** Changes that are not on the server yet. Times are those of `performance.now()`. */
interface Waiting {
  /** Identifies the state of the collection and its media. */
  readonly version: string;
  readonly first: number;
  readonly last: number;
}

/** Returns true if a sync fails in the same way until a person has done something: a full sync is due, or the login is refused. */
const needsPerson = (error: unknown): boolean =>
  error instanceof EngineError
    ? isLoginRefused(error) || error.kind === 'SYNC_SERVER_MESSAGE'
    : error instanceof AnkiRefused;

/**
 * Syncs an engine's collection without being asked: before a call if the last sync is long ago, soon after changes, and
 * before the end of the process. Never while nobody calls.
 */
export class AutoSync {
  readonly #options: AutoSyncOptions;
  readonly #times: SyncTimes;
  #running: Running | undefined;
  #waiting: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Failures since the last sync, and the time before which no other is tried. */
  #failures = 0;
  #notBefore = 0;
  /** The last sync was broken off, because a call had waited long enough. */
  #isBrokenOff = false;
  #isBlocked = false;
  /** The engine is closed: nothing is synced until the next call. */
  #isClosed = false;
  #why: string | undefined;
  #lastSync: Account['lastSync'];
  /** Anki's time of the last sync, which also changes if another program syncs the collection. */
  #syncedBy = 0;
  /** Modification time of the media folder before the last sync. */
  #syncedMedia: number | undefined;

  constructor(options: AutoSyncOptions) {
    this.#options = options;
    this.#times = { ...defaultTimes, ...options.times };
  }

  get state(): SyncState {
    const { at } = this.#lastSync ?? {};
    return {
      state: this.#isBlocked ? 'blocked' : this.#isSynced ? 'synced' : 'waiting',
      ...(at && { at: at.toISOString() }),
      ...(this.#why !== undefined && { why: this.#why }),
    };
  }

  get #isSynced(): boolean {
    return this.#lastSync !== undefined && !this.#waiting && this.#failures === 0;
  }

  /**
   * Call it before each call. Waits for a sync if one is due or running, but not longer than a call may be delayed; the
   * action sync waits for none.
   */
  async before({ progress }: CallOptions, isSync = false): Promise<void> {
    if (this.#isClosed) this.#waiting = undefined;
    this.#isClosed = false;
    if (isSync) return;
    if (this.#isDue()) this.#start();
    const running = this.#running;
    if (!running) return;
    progress?.('syncing');
    await running.begun;
    if (await endsWithin(running.ended, this.#times.wait)) return;
    if (running.isDownload) await running.ended;
    else running.cancel.abort(); // the call's turn comes when the engine has stopped the sync
  }

  /** Call it at the end of each turn: looks for changes that are not on the server yet. */
  async after(collection: Collection): Promise<void> {
    const [[mod, syncedBy] = []] = await collection.query('select mod, ls from col').catch(() => []); // the host process has ended
    if (mod === undefined) return;
    const { lastSync } = this.#options.account;
    if (lastSync !== this.#lastSync || this.#syncedBy !== syncedBy) this.#forgetProblem();
    this.#lastSync = lastSync;
    this.#syncedBy = Number(syncedBy);
    const media = await changedAt(this.#options.media);
    const hasMedia = this.#syncedMedia !== undefined && media !== this.#syncedMedia;
    const hasChanges = Number(mod) > this.#syncedBy || hasMedia;
    this.#note(hasChanges ? `${String(mod)} ${media}` : undefined);
    this.#plan();
  }

  /** Runs a sync that the user asked for. Its outcome counts like that of an automatic one. */
  async observe<T>(sync: () => Promise<T>): Promise<T> {
    try {
      return await this.#withMedia(sync);
    } catch (error) {
      if (needsPerson(error)) this.#failed(error, false);
      throw error;
    }
  }

  /** Call it when the engine is about to close. Breaks a running sync off, after the time that it has left. */
  close(restMs = this.#times.last): void {
    clearTimeout(this.#timer);
    this.#isClosed = true;
    const { cancel } = this.#running ?? {};
    if (cancel) setTimeout(() => cancel.abort(), restMs).unref();
  }

  /** Sends waiting changes, in the engine's last turn. */
  async last(): Promise<void> {
    if (!this.#waiting || this.#isBlocked) return;
    const signal = AbortSignal.timeout(this.#times.last);
    try {
      await this.#sync({ signal });
    } catch (error) {
      const isBlocked = !signal.aborted && needsPerson(error);
      const outcome = isBlocked ? 'they are kept here until this is solved' : 'the next start sends them';
      this.#options.log(inOneLine(`the last changes are not synced (${messageOf(error)}); ${outcome}`));
    }
  }

  /** Waiting changes have their own time, so that they can be undone until then. */
  #isDue(): boolean {
    const now = performance.now();
    const age = now - (this.#lastSync?.clock ?? -Infinity);
    return (
      !this.#running &&
      !this.#waiting &&
      !this.#isBlocked &&
      now >= this.#notBefore &&
      age > this.#times.stale
    );
  }

  #note(version: string | undefined): void {
    const now = performance.now();
    if (version === undefined) this.#waiting = undefined;
    else if (this.#waiting?.version !== version)
      this.#waiting = { version, first: this.#waiting?.first ?? now, last: now };
  }

  /** Sets the time of the next sync, if changes wait or a sync was broken off. */
  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#running || this.#isClosed || this.#isBlocked || !(this.#waiting || this.#isBrokenOff)) return;
    const { quiet, atMost } = this.#times;
    const { first = -Infinity, last = -Infinity } = this.#waiting ?? {};
    const at = Math.max(Math.min(last + quiet, first + atMost), this.#notBefore);
    this.#timer = setTimeout(() => this.#start(), at - performance.now()).unref();
  }

  #start(): void {
    if (this.#running) return;
    clearTimeout(this.#timer);
    const { inTurn } = this.#options;
    const cancel = new AbortController();
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const onDownload = () => (running.isDownload = true);
    const run = async () => {
      try {
        const { message } = await inTurn(async () => {
          begin();
          return this.#sync({ signal: cancel.signal, onDownload });
        });
        if (message !== '') this.#why = `The sync server says: ${message}`;
      } catch (error) {
        this.#failed(error, cancel.signal.aborted);
      } finally {
        begin();
        this.#running = undefined;
        this.#plan();
      }
    };
    const running: Running = { begun, ended: Promise.resolve().then(run), cancel, isDownload: false };
    this.#running = running;
  }

  #forgetProblem(): void {
    this.#failures = 0;
    this.#notBefore = 0;
    this.#isBrokenOff = false;
    this.#isBlocked = false;
    this.#why = undefined;
  }

  async #sync(call: SyncCall): Promise<Synced> {
    const synced = await this.#withMedia(() => this.#options.sync(call));
    synced.media.catch((error: unknown) => this.#report(messageOf(error)));
    return synced;
  }

  /** Runs a sync. A file that it downloads counts as a change, too: the sync that follows has nothing to send. */
  async #withMedia<T>(sync: () => Promise<T>): Promise<T> {
    const media = await changedAt(this.#options.media);
    const result = await sync();
    this.#syncedMedia = media;
    return result;
  }

  #failed(error: unknown, isBrokenOff: boolean): void {
    if (this.#isClosed || error instanceof Unavailable) return; // the engine is closing
    const { retry, maxRetry, wait } = this.#times;
    const delay = Math.min(maxRetry, retry * 2 ** this.#failures++);
    this.#notBefore = performance.now() + delay * (0.75 + Math.random() / 2);
    this.#isBrokenOff = isBrokenOff;
    this.#isBlocked = !isBrokenOff && needsPerson(error);
    if (isBrokenOff) this.#report(`it took longer than ${wait / 1000} s. ${later}`);
    else this.#report(`${messageOf(error)} ${this.#isBlocked ? stopped : later}`);
  }

  #report(problem: string): void {
    this.#why = inOneLine(`Sync: ${problem}`);
    this.#options.log(this.#why);
  }
}

/** Returns true if work ends within this time. */
async function endsWithin(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), ms)));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns when a file was last added to a folder or removed; 0 if there is no folder. */
const changedAt = (folder: string): Promise<number> =>
  stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

const later =
  'Changes of other devices may be missing here. Changes made here are kept; the sync is tried again.';
const stopped = 'Nothing is synced until then; changes made here are kept.';
