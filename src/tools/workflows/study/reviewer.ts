import { setTimeout as sleep } from 'node:timers/promises';
import { AnkiRefused, Unavailable } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import { batched, readTogether, resultOf } from '../../joined.ts';
import { isWithin } from '../deck-name.ts';
import { readCards, type Card } from '../../reading.ts';
import {
  isReadable,
  type BrokenCard,
  type CardSource,
  type Ease,
  type Left,
  type NextCard,
  type ShownCard,
  type StudyCard,
} from './card-source.ts';

/** How often Anki's window is read until it shows the effect of a change, and the milliseconds between. */
const tries = 15;
const pauseMs = 100;

/** What the reviewer shows, and how many cards the deck has left today. */
interface Shown {
  /** Undefined if the reviewer is closed. */
  readonly card: StudyCard | BrokenCard | undefined;
  readonly left: Left | undefined;
}

/** Anki's own reviewer: its order, its daily limits, and its clock for the answer time. */
export class Reviewer implements CardSource {
  readonly order = "Anki's own order, within the deck's limits of today.";
  readonly #deck: string;
  /** What was shown directly after the last rating. */
  #afterRating: Shown | undefined;

  constructor(deck: string) {
    this.#deck = deck;
  }

  open({ call }: Context): Promise<boolean> {
    return call('guiDeckReview', { name: this.#deck });
  }

  async next(context: Context, ratedId: number | undefined): Promise<NextCard | undefined> {
    const shown =
      ratedId === undefined
        ? { card: await currentCard(context), left: undefined }
        : await this.#shownAfter(context, ratedId);
    const card = await this.#inDeck(context, shown.card);
    if (card === undefined) return undefined;
    if (!isReadable(card)) return { card };
    if (shown.left && card === shown.card) return { card, left: shown.left };
    // The reviewer keeps the texts of the time when the card came up.
    const [stored, left] = await readTogether(context, (reading) =>
      Promise.all([storedCard(reading, card.cardId), leftIn(reading, this.#deck)]),
    );
    return { card: typeof stored === 'object' ? stored : card, left };
  }

  async reveal(context: Context, { cardId }: ShownCard): Promise<StudyCard | undefined> {
    const [current, stored] = await readTogether(context, (reading) =>
      Promise.all([currentCard(reading), storedCard(reading, cardId)]),
    );
    const card = await this.#inDeck(context, current);
    if (!isReadable(card) || card.cardId !== cardId || stored === 'deleted') return undefined;
    if (!(await context.call('guiShowAnswer', {}))) return undefined;
    return { ...card, ...stored, nextReviews: card.nextReviews };
  }

  async isWaiting(context: Context, { cardId }: ShownCard): Promise<boolean> {
    const card = await this.#inDeck(context, await currentCard(context));
    return isReadable(card) && card.cardId === cardId;
  }

  async rate(context: Context, { cardId, reps }: ShownCard, ease: Ease): Promise<boolean> {
    if (await this.#answer(context, ease)) return true;
    // After an edit, and when its deck is opened again, Anki shows the question. Unless the card was rated there, its answer is shown once more.
    const card = await storedCard(context, cardId);
    if (card === undefined || card === 'deleted' || card.reps !== reps) return false;
    return (await context.call('guiShowAnswer', {})) && this.#answer(context, ease);
  }

  /** Rates the shown card. On the desktop the same request reads what is shown then. */
  async #answer(context: Context, ease: Ease): Promise<boolean> {
    this.#afterRating = undefined;
    if (!context.backend.capabilities.hasWindows) return context.call('guiAnswerCard', { ease });
    const { rated, after } = await answerAndRead(context, this.#deck, ease);
    this.#afterRating = after;
    return rated;
  }

  /**
   * Returns what is shown after a rating, which may be the same card again. On the desktop also what is left: the card has
   * just come up, so that its texts need not be read again, and the deck exists, which getDeckStats would create.
   */
  #shownAfter(context: Context, ratedId: number): Promise<Shown> {
    let known = this.#afterRating;
    const read = async (): Promise<Shown> => {
      const shown = known;
      known = undefined;
      if (shown) return shown;
      if (!context.backend.capabilities.hasWindows)
        return { card: await currentCard(context), left: undefined };
      return readTogether(context, (reading) => readShown(reading, this.#deck));
    };
    return settled(
      context,
      read,
      ({ card }) => card === undefined || (isReadable(card) && card.cardId !== ratedId),
    );
  }

  /** Takes the card in the reviewer. If there is none of this deck, opens the deck again and returns its first card. */
  async #inDeck(context: Context, card: Shown['card']): Promise<Shown['card']> {
    if (card !== undefined && (!isReadable(card) || isWithin(card.deckName, this.#deck))) return card;
    return (await this.open(context)) ? currentCard(context) : undefined;
  }
}

/** Returns the card in the reviewer, or undefined if the reviewer is closed. */
async function currentCard({ call }: Context): Promise<Shown['card']> {
  try {
    return await call('guiCurrentCard', {});
  } catch (error) {
    if (!(error instanceof AnkiRefused)) throw error;
    return /not currently active/.test(error.message) ? undefined : { reason: error.message };
  }
}

/** Reads what the reviewer shows, and what is left. Both calls start in the same tick. */
async function readShown(context: Context, deck: string): Promise<Shown> {
  const [card, left] = await Promise.all([currentCard(context), leftIn(context, deck)]);
  return { card, left };
}

/** Rates the shown card and reads in the same request what is shown then; undefined if that cannot be read. */
async function answerAndRead(
  context: Context,
  deck: string,
  ease: Ease,
): Promise<{ rated: boolean; after: Shown | undefined }> {
  const call = batched(context, ({ action, alone }, replies, index) =>
    replies.then(
      (list) => resultOf(action, list[index]),
      (error: unknown) => {
        if (error instanceof Unavailable) return alone(); // an add-on without batches has done nothing
        throw error;
      },
    ),
  );
  const [rated, after] = await Promise.all([
    call('guiAnswerCard', { ease }),
    readShown({ ...context, call }, deck).catch(() => undefined),
  ]);
  return { rated, after };
}

/** Anki's window replies before it has carried out a rating or an undo: reads again until the effect shows, or it has none. */
export async function settled<T>(
  { backend, signal }: Context,
  read: () => Promise<T>,
  isSettled: (value: T) => boolean,
): Promise<T> {
  let value = await read();
  for (let at = 1; at < tries && backend.capabilities.hasWindows && !isSettled(value); at++) {
    await sleep(pauseMs, undefined, { signal });
    value = await read();
  }
  return value;
}

/** Returns a card as it is stored. Undefined if that fails. */
export async function storedCard(context: Context, cardId: number): Promise<Card | 'deleted' | undefined> {
  try {
    const { cards, unread } = await readCards(context, [cardId]);
    return unread[0]?.reason === 'no such card' ? 'deleted' : cards[0];
  } catch {
    context.signal?.throwIfAborted();
    return undefined;
  }
}

/** Returns how many cards Anki has left in an existing deck today. */
export async function leftIn({ call }: Context, deck: string): Promise<Left | undefined> {
  const [stats] = Object.values(await call('getDeckStats', { decks: [deck] }));
  return stats && { new: stats.new_count, learning: stats.learn_count, review: stats.review_count };
}

export async function countReviews({ call }: Context, cardId: number): Promise<number> {
  const reviews = await call('getReviewsOfCards', { cards: [cardId] });
  return reviews[String(cardId)]?.length ?? 0;
}
