import { setTimeout as sleep } from 'node:timers/promises';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import { readTogether } from '../../joined.ts';
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

/** Anki's own reviewer: its order, its daily limits, and its clock for the answer time. */
export class Reviewer implements CardSource {
  readonly order = "Anki's own order, within the deck's limits of today.";
  readonly #deck: string;

  constructor(deck: string) {
    this.#deck = deck;
  }

  open({ call }: Context): Promise<boolean> {
    return call('guiDeckReview', { name: this.#deck });
  }

  async next(context: Context, ratedId: number | undefined): Promise<NextCard | undefined> {
    const card = await this.#inDeck(context, await cardAfter(context, ratedId));
    if (card === undefined) return undefined;
    if (!isReadable(card)) return { card };
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
    if (await context.call('guiAnswerCard', { ease })) return true;
    // After an edit, and when its deck is opened again, Anki shows the question. Unless the card was rated there, its answer is shown once more.
    const card = await storedCard(context, cardId);
    if (card === undefined || card === 'deleted' || card.reps !== reps) return false;
    return (await context.call('guiShowAnswer', {})) && context.call('guiAnswerCard', { ease });
  }

  /** Takes the card in the reviewer. If there is none of this deck, opens the deck again and returns its first card. */
  async #inDeck(
    context: Context,
    card: StudyCard | BrokenCard | undefined,
  ): Promise<StudyCard | BrokenCard | undefined> {
    if (card !== undefined && (!isReadable(card) || isWithin(card.deckName, this.#deck))) return card;
    return (await this.open(context)) ? currentCard(context) : undefined;
  }
}

/** Returns true if a deck is another deck or one of its child decks. */
function isWithin(deck: string, other: string): boolean {
  const [name, parent] = [deck.toLowerCase(), other.toLowerCase()];
  return name === parent || name.startsWith(`${parent}::`);
}

/** Returns the card in the reviewer, or undefined if the reviewer is closed. */
async function currentCard({ call }: Context): Promise<StudyCard | BrokenCard | undefined> {
  try {
    return await call('guiCurrentCard', {});
  } catch (error) {
    if (!(error instanceof AnkiRefused)) throw error;
    return /not currently active/.test(error.message) ? undefined : { reason: error.message };
  }
}

/** Returns the card that follows a rated one, which may be the same one again. */
const cardAfter = (
  context: Context,
  ratedId: number | undefined,
): Promise<StudyCard | BrokenCard | undefined> =>
  settled(
    context,
    () => currentCard(context),
    (card) => card === undefined || (isReadable(card) && card.cardId !== ratedId),
  );

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
