import type { Host } from '../process/host.ts';
import { immediateMethods, type Method, type RpcRequest, type RpcResponse } from '../process/rpc.ts';

/** Reads of decks, options groups and note types. */
const lasting: ReadonlySet<Method> = new Set<Method>([
  'get_deck_config_legacy',
  'get_deck_id_by_name',
  'get_deck_legacy',
  'get_deck_names',
  'get_notetype_id_by_name',
  'get_notetype_legacy',
  'get_notetype_names',
]);

/** Methods that change no deck, options group or note type. After every other one, all replies are forgotten. */
const harmless: ReadonlySet<Method> = new Set<Method>([
  'add_custom_undo_entry',
  'add_note_tags',
  'add_notes',
  'find_and_replace_tag',
  'get_card',
  'get_note',
  'merge_undo_entries',
  'note_fields_check',
  'remove_note_tags',
  'search_cards',
  'search_notes',
  'strip_html',
  'update_notes',
]);

/** Maximum number of replies that are kept. */
const maxKept = 1000;

/** A running read. */
interface Read {
  /** Resolves when its transaction has begun, to true if the start of the day was stored before. */
  begun: Promise<boolean> | undefined;
  /** False if replies within the transaction may be wrong after it. */
  isHarmless: boolean;
}

/** Calls the engine with one open collection, and asks nothing again that cannot have another answer. */
export class Replies {
  readonly #host: Host;
  /** Replies to `lasting` methods by method and request. */
  readonly #kept = new Map<string, Promise<object>>();
  #undoStatus: Promise<RpcResponse<'get_undo_status'>> | undefined;
  #hasDayStart = false;
  #read: Read | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Calls a method of the engine. A kept reply is shared: do not change it. Throws EngineError if the engine refuses. */
  call<M extends Method>(name: M, request: RpcRequest<M>): Promise<RpcResponse<M>> {
    if (immediateMethods.has(name)) return this.#host.call(name, request); // progress and cancelling
    if (!lasting.has(name)) {
      this.#protect();
      if (harmless.has(name)) this.#undoStatus = undefined;
      else this.#forget();
      if (name === 'full_upload_or_download') this.#hasDayStart = false; // of another collection
      return this.#host.call(name, request);
    }
    const key = [name, ...Object.entries(request).flat()].join('\0');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key contains the method
    const kept = this.#kept.get(key) as Promise<RpcResponse<M>> | undefined;
    return kept ?? this.#keep(key, this.#host.call(name, request));
  }

  /** Calls a method that only reads, and another one with its reply. */
  readonly chain: Host['chain'] = (...args) => {
    this.#protect();
    this.#forget();
    return this.#host.chain(...args);
  };

  /** Returns the state of the undo list. */
  undoStatus(): Promise<RpcResponse<'get_undo_status'>> {
    return (this.#undoStatus ??= this.#host.call('get_undo_status', {}));
  }

  /** Returns the rows of an SQL query. */
  query(...args: Parameters<Host['query']>): ReturnType<Host['query']> {
    if (!/^\s*select\b/i.test(args[0])) this.#forget();
    return this.#host.query(...args);
  }

  /**
   * Runs work that only reads. The engine stores a missing start of the day when it first needs it: that is taken back.
   * Kept replies, `lasting` methods and SQL do not need it.
   */
  async asRead<T>(work: () => Promise<T>): Promise<T> {
    if (this.#hasDayStart || this.#read) return work();
    const read: Read = { begun: undefined, isHarmless: true };
    this.#read = read;
    try {
      return await work();
    } finally {
      this.#read = undefined;
      if (read.begun) await this.#takeBack(read.begun);
      if (!read.isHarmless) this.#forget();
    }
  }

  /**
   * Lets the engine store a missing start of the day before something is written anyway. Later reads then need no
   * transaction. Not awaited: the engine answers in order.
   */
  storeDayStart(): void {
    if (this.#hasDayStart) return;
    this.#hasDayStart = true;
    this.#host.call('sched_timing_today', {}).catch(() => {}); // a stopped engine, which the write reports
  }

  /** Begins the transaction of a read. Not awaited: the engine answers in order. */
  #protect(): void {
    const read = this.#read;
    if (!read || read.begun) return;
    const rows = this.#host.query("select 1 from config where key = 'rollover'");
    read.begun = Promise.all([rows, this.#host.begin()]).then(([{ length }]) => length > 0);
    read.begun.catch(() => {}); // a stopped engine, which the work reports
  }

  async #takeBack(begun: Promise<boolean>): Promise<void> {
    try {
      this.#hasDayStart = await begun;
      await this.#host.rollback();
    } catch {
      // a stopped engine has committed nothing
    }
  }

  #keep<T extends object>(key: string, reply: Promise<T>): Promise<T> {
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(key, reply);
    reply.catch(() => {
      if (this.#kept.get(key) === reply) this.#kept.delete(key);
    });
    return reply;
  }

  #forget(): void {
    if (this.#read) this.#read.isHarmless = false;
    this.#kept.clear();
    this.#undoStatus = undefined;
  }
}
