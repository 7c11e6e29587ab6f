import type { Method, RpcResponse } from '../process/rpc.ts';

type Unit = 'note' | 'card' | 'tag';

/** What the `count` of these replies counts. */
const unitOf: Readonly<Partial<Record<Method, Unit>>> = {
  add_note_tags: 'note',
  remove_note_tags: 'note',
  find_and_replace_tag: 'note',
  remove_notes: 'card',
  clear_unused_tags: 'tag',
  set_deck: 'card',
  bury_or_suspend_cards: 'card',
  remove_decks: 'card',
};

/** Returns whether a call changed something; undefined if its reply does not say. */
function hasChanges(reply: object): boolean | undefined {
  const changes = 'changes' in reply ? reply.changes : reply;
  const isKnown = typeof changes === 'object' && changes !== null && 'mtime' in changes;
  return isKnown && typeof changes.mtime === 'boolean' ? changes.mtime : undefined;
}

const hasCount = (reply: object): reply is { count: number } => 'count' in reply;
const hasNotes = (reply: object): reply is RpcResponse<'add_notes'> => 'nids' in reply;

/** How much one or more calls of an action changed, as far as the engine counts it. */
export class Counts {
  readonly #counts = new Map<Unit, number>();
  #times = 0;
  /** Undefined as long as no reply says it. */
  #hasChanges: boolean | undefined;

  /** Adds what an engine's reply counts. */
  add(method: Method, reply: object): void {
    this.#note(hasChanges(reply));
    const unit = unitOf[method];
    if (unit && hasCount(reply)) this.#add(unit, reply.count);
    if (method === 'add_notes' && hasNotes(reply)) this.#add('note', reply.nids.length);
  }

  /** Adds the counts of another call of the same action. */
  join(other: Counts): void {
    this.#times += 1;
    this.#note(other.#hasChanges);
    for (const [unit, count] of other.#counts) this.#add(unit, count);
  }

  /** True if the engine says that nothing was changed, or has counted nothing. */
  get isZero(): boolean {
    const hasCounted = this.#counts.size > 0;
    return (
      this.#hasChanges === false || (hasCounted && [...this.#counts.values()].every((count) => count === 0))
    );
  }

  /** Returns "Add tags, 42 notes". */
  describe(title: string): string {
    const counted = [...this.#counts].map(([unit, count]) => `${count} ${unit}${count === 1 ? '' : 's'}`);
    const times = counted.length === 0 && this.#times > 1 ? [`${this.#times} times`] : [];
    return [title, ...counted, ...times].join(', ');
  }

  #note(hasChanged: boolean | undefined): void {
    if (hasChanged !== undefined) this.#hasChanges = this.#hasChanges === true || hasChanged;
  }

  #add(unit: Unit, count: number): void {
    this.#counts.set(unit, (this.#counts.get(unit) ?? 0) + count);
  }
}
