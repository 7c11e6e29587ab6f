import { randomUUID } from 'node:crypto';
import type { UndoStatus } from '../../../contract/engine/undo.ts';
import type { Method, RpcResponse } from '../process/rpc.ts';
import type { Replies } from './replies.ts';
import { Counts } from './undo-counts.ts';

/** Anki's undo list has 30 steps, so a longer operation is merged before its first step is lost. */
const callsBetweenMerges = 20;
/** Name of the entry that a batch is merged into. No operation of the engine has this name. */
const batchName = 'ankiwright batch';
/** Maximum number of names that are kept; more than the undo list has steps. */
const maxNames = 100;
/** Maximum number of actions in the name of a batch. */
const maxParts = 5;

const listEmptied = "Anki's undo list is empty now: earlier changes can no longer be undone.";

/** The entry that the steps of a batch are merged into. */
interface Entry {
  /** The engine's number of it. */
  readonly step: number;
  /** True if the undo list had entries before. */
  readonly hadEntries: boolean;
}

type Status = Pick<RpcResponse<'get_undo_status'>, 'undo' | 'redo' | 'lastStep'>;

/** What is known about a step of the undo list. */
interface Step {
  /** The same after the step was undone and redone. */
  readonly id: string;
  readonly name: string;
  /** The engine's name of it. */
  readonly operation: string;
}

/** What an undo or redo changed, and the step. */
export interface Reverted {
  readonly changes: RpcResponse<'undo'>['changes'];
  readonly step: Pick<Step, 'id' | 'name'>;
}

/** Several calls that become one undo step. */
interface Batch {
  /** Undefined until an action begins that may change something. */
  entry: Promise<Entry> | undefined;
  calls: number;
  /** True once a change was merged into the entry. */
  changed: boolean;
  readonly parts: Map<string, Counts>;
}

/** The engine's undo list: joins the steps of a batch, and knows what each step did. It is lost when the collection is closed. */
export class UndoSteps {
  readonly #engine: Replies;
  /** Part of the steps' ids: the engine counts from the beginning in each list. */
  readonly #list = randomUUID();
  /** By the engine's number, which merging steps frees for later ones. */
  readonly #names = new Map<number, Step>();
  /** Steps that can be redone, the next one last. */
  #undone: Step[] = [];
  #batch: Batch | undefined;
  /** What the running action has changed so far. */
  #counts: Counts | undefined;
  /** Number of the entry that the last batch of the running action was merged into; null if the action made no step. */
  #joined: number | null | undefined;

  constructor(engine: Replies) {
    this.#engine = engine;
  }

  /** Returns true if there is something to undo. */
  async hasEntries(): Promise<boolean> {
    return (await this.#status()).undo !== '';
  }

  /** Takes note of a call to the engine: counts what it changes, and merges a long batch. */
  observe<M extends Method>(method: M, reply: Promise<RpcResponse<M>>): void {
    const counts = this.#counts;
    if (counts)
      reply.then(
        (changes) => counts.add(method, changes),
        () => {},
      );
    const batch = this.#batch;
    if (!batch?.entry || ++batch.calls % callsBetweenMerges !== 0) return;
    void batch.entry.then((entry) => this.#merge(batch, entry)).catch(() => {});
  }

  /**
   * Runs an action that may change the collection, and names its undo step. Reports if the undo list was emptied.
   */
  async action<T>(
    title: string,
    report: ((sentence: string) => void) | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const outer = this.#counts;
    const counts = new Counts();
    // Not awaited: the engine answers in order.
    const batch = this.#batch;
    const status = batch && !batch.entry ? this.#begin(batch) : this.#status();
    status.catch(() => {}); // the host process has ended, which `work` reports
    this.#counts = counts;
    this.#joined = undefined;
    try {
      return await work();
    } finally {
      this.#counts = outer;
      const [before, after] = await Promise.all([status, this.#status()]).catch(() => []); // the host process has ended
      if (before && after) await this.#settle(title, counts, before, after, report);
    }
  }

  /** Runs work whose changes become one undo step. Leaves no step behind if nothing changed. */
  asOneStep<T>(work: () => Promise<T>): Promise<T> {
    return this.#join(work, (batch) => this.#begin(batch));
  }

  /** The same for whole actions: the first one that may change something begins the step, because reads need none. */
  joinActions<T>(work: () => Promise<T>): Promise<T> {
    return this.#join(work, async () => {});
  }

  async #join<T>(work: () => Promise<T>, begin: (batch: Batch) => Promise<unknown>): Promise<T> {
    if (this.#batch) return work();
    const batch: Batch = { entry: undefined, calls: 0, changed: false, parts: new Map() };
    await begin(batch);
    this.#batch = batch;
    try {
      return await work();
    } finally {
      this.#batch = undefined;
      await this.#end(batch).catch(() => {}); // the host process has ended
    }
  }

  /** Begins the step of the running batch again, after a call that emptied the undo list. */
  async restart(): Promise<void> {
    if (!this.#batch?.entry) return;
    const { hadEntries } = await this.#batch.entry;
    this.#batch.entry = this.#add().then((step) => ({ step, hadEntries }));
    await this.#batch.entry;
    this.#batch.changed = false;
    this.#batch.parts.clear();
  }

  async status(): Promise<UndoStatus> {
    const { undo, redo, lastStep } = await this.#status();
    const latest = this.#latest(lastStep, undo);
    const entry = await this.#batch?.entry;
    return {
      undo: undo && (latest?.name ?? publicName(undo)),
      redo: redo && (this.#undone.at(-1)?.name ?? ''),
      step: entry ? this.#idOf(entry.step) : undo && (latest?.id ?? ''),
    };
  }

  /** Undoes the last step. Returns the engine's reply, and what was undone. Throws EngineError if there is none. */
  async undo(): Promise<Reverted> {
    return this.#outsideBatch(async () => {
      const { changes, operation, counter } = await this.#engine.call('undo', {});
      const named = { id: this.#idOf(counter), name: publicName(operation), operation };
      const step = this.#names.get(counter) ?? named;
      this.#forget(counter);
      this.#joined = null;
      this.#undone.push(step);
      return { changes, step };
    });
  }

  /** Redoes the step that was undone last. Throws EngineError if there is none. */
  async redo(): Promise<Reverted> {
    return this.#outsideBatch(async () => {
      const { changes, operation } = await this.#engine.call('redo', {});
      const { lastStep } = await this.#status();
      const step = this.#undone.pop() ?? { id: this.#idOf(lastStep), name: operation, operation };
      this.#store(lastStep, step);
      this.#joined = null;
      return { changes, step };
    });
  }

  /** Ends the running batch before the work, and begins it again afterwards. */
  async #outsideBatch<T>(work: () => Promise<T>): Promise<T> {
    const batch = this.#batch;
    if (batch) await this.#end(batch);
    try {
      return await work();
    } finally {
      if (batch) await this.restart();
    }
  }

  #idOf(number: number): string {
    return `${this.#list} ${number}`;
  }

  /** Returns the latest step. The engine's last number may be that of an undo, or of a call that changed nothing. */
  #latest(lastStep: number, operation: string): Step | undefined {
    const known = [...this.#names].filter(
      ([number, step]) => number <= lastStep && step.operation === operation,
    );
    return known.toSorted(([a], [b]) => a - b).at(-1)?.[1];
  }

  /** Forgets the steps from this number on. */
  #forget(first: number): void {
    for (const step of this.#names.keys()) if (step >= first) this.#names.delete(step);
  }

  /** Names the step of an action by the undo list before and after it. */
  async #settle(
    title: string,
    counts: Counts,
    before: Status,
    after: Status,
    report: ((sentence: string) => void) | undefined,
  ): Promise<void> {
    if (after.redo === '') this.#undone = [];
    const isNothing = counts.isZero && after.undo === before.undo && typeof this.#joined !== 'number';
    if (after.lastStep !== before.lastStep && !isNothing) this.#name(after, title, counts);
    if (after.undo !== '' || after.redo !== '') return;
    if (await this.#hasChanges(before.undo)) report?.(listEmptied);
    await this.restart();
  }

  #status(): Promise<Status> {
    return this.#engine.undoStatus();
  }

  async #add(): Promise<number> {
    const { val } = await this.#engine.call('add_custom_undo_entry', { val: batchName });
    this.#forget(val);
    return val;
  }

  /** Adds the entry of a batch, and returns the undo list after that. */
  async #begin(batch: Batch): Promise<Status> {
    const [status, added] = [this.#status(), this.#add()];
    batch.entry = Promise.all([status, added]).then(([{ undo }, step]) => ({
      step,
      hadEntries: undo !== '',
    }));
    const { step } = await batch.entry;
    return { undo: batchName, redo: '', lastStep: step };
  }

  /** Returns true if the list has other entries than that of a batch without changes. */
  async #hasChanges(latest: string): Promise<boolean> {
    if (!this.#batch || latest !== batchName) return latest !== '';
    return this.#batch.changed || ((await this.#batch.entry)?.hadEntries ?? false);
  }

  /** Merges the steps of a batch into its entry. Throws if the entry is no longer in the list. */
  async #merge(batch: Batch, { step }: Entry): Promise<void> {
    const status = this.#status();
    const merged = this.#engine.call('merge_undo_entries', { val: step });
    merged.catch(() => {}); // awaited below, unless the host process has ended
    if ((await status).undo !== batchName) batch.changed = true;
    await merged;
  }

  async #end(batch: Batch): Promise<void> {
    const entry = await batch.entry;
    if (!entry) return;
    const isMerged = await this.#merge(batch, entry).then(
      () => true,
      () => false,
    );
    if (!isMerged) return;
    this.#forget(entry.step);
    if (!batch.changed) {
      this.#joined = null;
      await this.#engine.call('undo', {}); // removes the entry, which is empty
      this.#undone = []; // the engine would redo the empty entry
      return;
    }
    this.#joined = entry.step;
    if (batch.parts.size > 0) this.#keep(entry.step, describeAll(batch.parts), batchName);
  }

  #name({ lastStep, undo }: Status, title: string, counts: Counts): void {
    const name = counts.describe(title);
    const joined = this.#joined;
    this.#joined = undefined;
    if (joined === undefined) this.#keep(lastStep, name, undo);
    if (typeof joined === 'number' && !this.#names.has(joined)) this.#keep(joined, name, batchName);
    if (!this.#batch) return;
    const part = this.#batch.parts.get(title) ?? new Counts();
    this.#batch.parts.set(title, part);
    part.join(counts);
  }

  #keep(number: number, name: string, operation: string): void {
    this.#store(number, { id: this.#idOf(number), name, operation });
  }

  #store(number: number, step: Step): void {
    this.#names.set(number, step);
    const [oldest] = this.#names.keys();
    if (this.#names.size > maxNames && oldest !== undefined) this.#names.delete(oldest);
  }
}

const publicName = (operation: string): string => (operation === batchName ? 'several changes' : operation);

function describeAll(parts: ReadonlyMap<string, Counts>): string {
  const changing = [...parts].filter(([, counts]) => !counts.isZero);
  const names = (changing.length > 0 ? changing : [...parts]).map(([title, counts]) =>
    counts.describe(title),
  );
  const omitted = names.length - maxParts;
  return [...names.slice(0, maxParts), ...(omitted > 0 ? [`${omitted} more`] : [])].join('; ');
}
