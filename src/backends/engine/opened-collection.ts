import { Unreachable } from '../../contract/errors.ts';
import type { CallOptions } from '../../contract/backend.ts';
import type { EngineOptions } from './options.ts';
import type { Host } from './process/host.ts';
import { startEngine, startIfInstalled } from './process/start.ts';
import { CollectionFile, type Change } from './session/collection-file.ts';
import { placeOf } from './session/collection.ts';
import { applyLog, changeNotice, closeAdvice, openCollection, requireFile } from './session/opening.ts';
import { Session, Windows, type SessionSettings } from './session/session.ts';

/** The engine process and the collection that is open in it. Opens it when a call needs it, and again if its file was replaced. */
export class OpenedCollection {
  readonly file: CollectionFile;
  readonly #place: string;
  readonly #options: EngineOptions;
  readonly #settings: SessionSettings;
  readonly #windows = new Windows();
  #host: Host | undefined;
  #session: Session | undefined;
  /** What happened to the collection file, for the next result that can show it. */
  #notice: string | undefined;

  constructor(place: string, options: EngineOptions, settings: SessionSettings) {
    this.#place = place;
    this.#options = options;
    this.#settings = settings;
    this.file = new CollectionFile(place);
  }

  /** The engine process, while it runs. */
  get host(): Host | undefined {
    return this.#host;
  }

  /** Undefined while the collection is closed. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Starts the engine process if it is installed, without opening the collection. */
  async start(): Promise<void> {
    this.#host ??= await startIfInstalled(this.#options);
  }

  /** Returns the open collection. Reports to this call if another program has changed the file. */
  async open({ report }: CallOptions = {}): Promise<Session> {
    const session = await this.#openFile();
    if (report && this.#notice !== undefined) {
      report(this.#notice);
      this.#notice = undefined;
    }
    return session;
  }

  async #openFile(): Promise<Session> {
    const change = this.file.change();
    if (this.#session && !change && !this.#host?.ended) return this.#session;
    await this.close();
    if (change === 'missing') {
      throw new Unreachable(
        `The collection ${this.#place} does not exist any more: it was moved or deleted. Nothing was changed. Put it back. A restart of the server would create an empty one.`,
      );
    }
    if (this.#options.mustExist) await requireFile(this.#place);
    await this.file.settled();
    this.#host ??= await startEngine(this.#options);
    const place = placeOf(this.#place);
    const { whenInUse = closeAdvice, isTemporary } = this.#options;
    await openCollection(this.#host, place, whenInUse, isTemporary);
    this.file.opened();
    this.#session = new Session(this.#host, place, this.#windows, this.#settings);
    this.#options.onOpen?.(true);
    await this.#session.resume();
    return this.#session;
  }

  /** Closes the collection; the process stays. */
  async close(): Promise<void> {
    const change = this.file.change();
    const isOpen = this.#session !== undefined;
    this.#session = undefined;
    if (isOpen) this.#options.onOpen?.(false);
    if (this.#host?.ended) await this.endHost(); // it keeps the collection open until it has ended
    if (this.#host && isOpen) await this.#closeFile(this.#host, change);
    if (change === 'replaced' || change === 'overwritten') {
      this.#notice = changeNotice(this.#place, change, this.file.setLogAside());
      this.#options.log(this.#notice);
    }
  }

  /** Lets the engine close the file. Nothing of it may get into another file in its place, which SQLite would not prevent. */
  async #closeFile(host: Host, change: Change | undefined): Promise<void> {
    // It would write its log into the new content. Of a moved file it still has the log open.
    if (change === 'overwritten' || (change !== undefined && !(await applyLog(host)))) {
      await this.endHost(host.kill());
      return;
    }
    await host.call('close_collection', { downgradeToSchema11: false });
    if (change !== 'replaced') this.file.closed();
  }

  /** Ends the process. */
  async endHost(ending = this.#host?.close()): Promise<void> {
    await ending;
    this.#host = undefined;
  }
}
