import type { Output } from '../../../contract/index.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { cardText, type CardText } from './card-text.ts';
import type { Collection } from './collection.ts';
import { deckName } from './deck-name.ts';
import { EngineError, isNotFound } from '../process/engine-error.ts';
import { fieldValues, noteTypeById } from './note-type.ts';
import type { RpcResponse } from '../process/rpc.ts';

type Card = RpcResponse<'get_card'>;
type Side = 'question' | 'answer';

/** A card as it was when it was shown; later changes appear when it is shown again. */
interface ShownCard {
  readonly card: Card;
  readonly states: RpcResponse<'get_scheduling_states'>;
  readonly note: RpcResponse<'get_note'>;
  /** Rendered sides, or the render error: it must not fail calls that only pass this card. */
  readonly text: CardText | EngineError;
  readonly side: Side;
  /** True if this card is the next one in the engine's queue. */
  readonly isQueued: boolean;
  /** Time of `performance.now()`, which never goes back. */
  readonly since: number;
}

const buttons = ['again', 'hard', 'good', 'easy'] as const;
/** An answer button. */
export type Button = (typeof buttons)[number];

/** Maximum answer time in milliseconds: the engine stores 32 bits. */
const maxAnswerMs = 0xffff_ffff;

/** Returns an EngineError as a value; throws any other error. */
const orRefusal = <T>(work: Promise<T>): Promise<T | EngineError> =>
  work.catch((error: unknown) => {
    if (error instanceof EngineError) return error;
    throw error;
  });

/** Loads a card's note and renders the card. */
async function load(collection: Collection, { id, noteId }: Card): Promise<Pick<ShownCard, 'note' | 'text'>> {
  const note = await collection.call('get_note', { nid: noteId });
  return { note, text: await orRefusal(cardText(collection, id)) };
}

/** The review screen: one card at a time, in the order of the engine's queue for the current deck. */
export class Reviewer {
  #shown: ShownCard | undefined;
  /** True if the collection was changed since the card was shown. */
  #isOutdated = false;

  /** Returns true while a card is shown. */
  async isActive(collection: Collection): Promise<boolean> {
    return (await this.#current(collection)) !== undefined;
  }

  /** Returns true while the answer of a card is shown. */
  async isAnswerShown(collection: Collection): Promise<boolean> {
    return (await this.#current(collection))?.side === 'answer';
  }

  /** Ends the review. */
  leave(): void {
    this.#shown = undefined;
    this.#isOutdated = false;
  }

  /** From now on, the first card in the queue is shown. It is looked up when it is needed. */
  outdate(): void {
    this.#isOutdated = this.#shown !== undefined;
  }

  /** Looks up the first card in the queue, if that is due. */
  async refresh(collection: Collection): Promise<void> {
    if (this.#isOutdated) await this.next(collection);
  }

  async #current(collection: Collection): Promise<ShownCard | undefined> {
    await this.refresh(collection);
    return this.#shown;
  }

  /** Shows the question of the first card in the queue; ends the review if the queue is empty. */
  async next(collection: Collection): Promise<void> {
    this.leave();
    const request = { fetchLimit: 1, intradayLearningOnly: false };
    const [first] = (await collection.call('get_queued_cards', request)).cards;
    if (!first?.card || !first.states) return;
    const { card, states } = first;
    const loaded = await load(collection, card);
    this.#shown = { card, states, ...loaded, isQueued: true, side: 'question', since: performance.now() };
  }

  /** Changes the shown side or the start time. Returns false outside review. */
  async #change(collection: Collection, change: Partial<ShownCard>): Promise<boolean> {
    const shown = await this.#current(collection);
    if (shown) this.#shown = { ...shown, ...change };
    return shown !== undefined;
  }

  /** Shows a side of the card. Returns false outside review. */
  showSide(collection: Collection, side: Side): Promise<boolean> {
    return this.#change(collection, { side });
  }

  /** Restarts the answer timer. Returns false outside review. */
  restartTimer(collection: Collection): Promise<boolean> {
    return this.#change(collection, { since: performance.now() });
  }

  /** Returns the shown card as guiCurrentCard does. Throws AnkiRefused outside review. */
  async describe(collection: Collection): Promise<Output<'guiCurrentCard'>> {
    const shown = await this.#current(collection);
    if (!shown) throw new AnkiRefused('Gui review is not currently active.');
    const { card, note, text } = shown;
    if (text instanceof EngineError) throw text;
    const states = await collection.call('get_scheduling_states', { cid: card.id });
    const type = await noteTypeById(collection, note.notetypeId);
    // A cloze type has one template for all its cards.
    const template = type.tmpls[card.templateIdx] ?? type.tmpls[0];
    return {
      cardId: Number(card.id),
      fields: fieldValues(type, note.fields),
      fieldOrder: card.templateIdx,
      question: text.question,
      answer: text.answer,
      buttons: buttons.map((_, index) => index + 1),
      nextReviews: (await collection.call('describe_next_states', states)).vals,
      modelName: type.name,
      deckName: await deckName(collection, card.deckId),
      css: type.css,
      template: template?.name ?? '',
    };
  }

  /** Answers the shown card, and shows the next one even if answering fails. */
  async answer(collection: Collection, button: Button): Promise<void> {
    const shown = await this.#current(collection);
    if (!shown) return;
    const { card, states, since, isQueued } = shown;
    const answer = {
      cardId: card.id,
      currentState: states.current,
      newState: states[button],
      rating: buttons.indexOf(button),
      answeredAtMillis: BigInt(Date.now()),
      millisecondsTaken: Math.min(Math.round(performance.now() - since), maxAnswerMs),
    };
    const work = () => collection.call('answer_card', answer);
    // Without a queue, undoing a plain answer would restore the queue of that time, which does not exist. Undoing a batch rebuilds it.
    const answered = await orRefusal(isQueued ? work() : collection.asOneStep(work));
    await this.next(collection);
    // A card deleted meanwhile is skipped, as on the desktop.
    if (answered instanceof EngineError && !isNotFound(answered)) throw answered;
  }

  /** Shows the effect of an undo: the undone card, or the restored note. */
  async undone(collection: Collection, changes: RpcResponse<'undo'>['changes']): Promise<void> {
    if (!this.#shown || this.#isOutdated) return;
    if (changes?.studyQueues) await this.next(collection);
    else if (changes?.noteText) {
      // A deleted card stays as it was shown.
      const loaded = await orRefusal(load(collection, this.#shown.card));
      if (!(loaded instanceof EngineError)) await this.#change(collection, loaded);
    }
  }

  /** Continues after the collection was closed and perhaps changed by another program. */
  async resume(collection: Collection): Promise<void> {
    if (!this.#shown || this.#isOutdated) return;
    const { id: cid, mtimeSecs, reps } = this.#shown.card;
    const card = await orRefusal(collection.call('get_card', { cid }));
    const changed = card instanceof EngineError || card.mtimeSecs !== mtimeSecs || card.reps !== reps;
    if (changed) return this.next(collection);
    // An unchanged card stays, even if another is due first by now. So no queue is requested.
    const states = await collection.call('get_scheduling_states', { cid });
    await this.#change(collection, { states, isQueued: false });
  }
}
