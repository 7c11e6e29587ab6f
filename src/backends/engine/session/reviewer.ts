import type { Output } from '../../../contract/index.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { cardText, type CardText } from './card-text.ts';
import type { Collection } from './collection.ts';
import { deckName } from './deck-name.ts';
import { EngineError, isNotFound } from '../process/engine-error.ts';
import { fieldValues, noteTypeById } from './note-type.ts';
import type { Response } from '../process/rpc.ts';

type Card = Response<'get_card'>;
type Side = 'question' | 'answer';

/** A card as it was when it came up: later changes are not seen before it is shown again. */
interface Shown {
  readonly card: Card;
  readonly states: Response<'get_scheduling_states'>;
  readonly note: Response<'get_note'>;
  /** Or what is wrong with the card: that must not fail the calls which show it on their way. */
  readonly text: CardText | EngineError;
  readonly side: Side;
  /** Whether the engine's queue has this card as the one to be answered next. */
  readonly isQueued: boolean;
  /** On the clock of `performance`, which is never set back. */
  readonly since: number;
}

const buttons = ['again', 'hard', 'good', 'easy'] as const;
export type Button = (typeof buttons)[number];

/** The engine takes the time of an answer as 32 bits. */
const longest = 0xffff_ffff;

/** A refusal of the engine becomes a value; any other failure is thrown. */
const orRefusal = <T>(work: Promise<T>): Promise<T | EngineError> =>
  work.catch((error: unknown) => {
    if (error instanceof EngineError) return error;
    throw error;
  });

async function load(collection: Collection, { id, noteId }: Card): Promise<Pick<Shown, 'note' | 'text'>> {
  const note = await collection.call('get_note', { nid: noteId });
  return { note, text: await orRefusal(cardText(collection, id)) };
}

/**
 * Answers a card while the engine has no queue. An undone answer goes back into the queue of its time, and there is none:
 * as a step of another kind it has the queue built anew.
 */
const asOwnStep = <T>(collection: Collection, work: () => Promise<T>): Promise<T> =>
  collection.asOneStep(async () => {
    await collection.call('add_custom_undo_entry', { val: 'Answer Card' });
    return work();
  });

/** The review screen: one card at a time, in the order of the engine's queue for the current deck. */
export class Reviewer {
  #shown: Shown | undefined;

  get active(): boolean {
    return this.#shown !== undefined;
  }

  get answerShown(): boolean {
    return this.#shown?.side === 'answer';
  }

  leave(): void {
    this.#shown = undefined;
  }

  /** Shows the question of the card that is first in the queue; leaves the review when there is none. */
  async next(collection: Collection): Promise<void> {
    this.leave();
    const request = { fetchLimit: 1, intradayLearningOnly: false };
    const [first] = (await collection.call('get_queued_cards', request)).cards;
    if (!first?.card || !first.states) return;
    const { card, states } = first;
    const loaded = await load(collection, card);
    this.#shown = { card, states, ...loaded, isQueued: true, side: 'question', since: performance.now() };
  }

  /** Changes the side shown, or the time since when; false outside review. */
  #change(change: Partial<Shown>): boolean {
    if (this.#shown) this.#shown = { ...this.#shown, ...change };
    return this.active;
  }

  turn(side: Side): boolean {
    return this.#change({ side });
  }

  restartTimer(): boolean {
    return this.#change({ since: performance.now() });
  }

  async describe(collection: Collection): Promise<Output<'guiCurrentCard'>> {
    if (!this.#shown) throw new AnkiRefused('Gui review is not currently active.');
    const { card, note, text } = this.#shown;
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

  /** Answers the card shown, and shows the next one whatever came of it. */
  async answer(collection: Collection, button: Button): Promise<void> {
    if (!this.#shown) return;
    const { card, states, since, isQueued } = this.#shown;
    const answer = {
      cardId: card.id,
      currentState: states.current,
      newState: states[button],
      rating: buttons.indexOf(button),
      answeredAtMillis: BigInt(Date.now()),
      millisecondsTaken: Math.min(Math.round(performance.now() - since), longest),
    };
    const work = () => collection.call('answer_card', answer);
    const answered = await orRefusal(isQueued ? work() : asOwnStep(collection, work));
    await this.next(collection);
    // A card that was deleted meanwhile is passed over, as on the desktop.
    if (answered instanceof EngineError && !isNotFound(answered)) throw answered;
  }

  /** Shows what an undo has changed: the undone card, or the note as it was. */
  async undone(collection: Collection, changes: Response<'undo'>['changes']): Promise<void> {
    if (!this.#shown) return;
    if (changes?.studyQueues) await this.next(collection);
    else if (changes?.noteText) {
      // It may have been deleted, and then stays as it was shown.
      const loaded = await orRefusal(load(collection, this.#shown.card));
      if (!(loaded instanceof EngineError)) this.#change(loaded);
    }
  }

  /** Goes on after the collection was closed, and perhaps changed by another program. */
  async resume(collection: Collection): Promise<void> {
    if (!this.#shown) return;
    const { id: cid, mtimeSecs, reps } = this.#shown.card;
    const card = await orRefusal(collection.call('get_card', { cid }));
    const changed = card instanceof EngineError || card.mtimeSecs !== mtimeSecs || card.reps !== reps;
    if (changed) return this.next(collection);
    // A card that nobody changed stays, though another is due first by now: that is why no queue is asked for.
    this.#change({ states: await collection.call('get_scheduling_states', { cid }), isQueued: false });
  }
}
