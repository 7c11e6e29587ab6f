import { setTimeout as sleep } from 'node:timers/promises';
import type { Output } from '../../../contract/index.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { inDecks } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { readCards, type Card } from '../reading.ts';
import type { ShownCard } from './session.ts';

type ReviewerCard = Output<'guiCurrentCard'>;

/** A card that Anki's reviewer shows but cannot describe, and Anki's reason. */
interface Unreadable {
  readonly reason: string;
}

/** How often Anki's window is read until it shows the effect of a change, and the milliseconds between. */
const tries = 15;
const pauseMs = 100;

/** Maximum number of cards that are searched for broken ones. */
const maxExamined = 500;

export const isReadable = (card: ReviewerCard | Unreadable | undefined): card is ReviewerCard =>
  card !== undefined && 'cardId' in card;

/** Returns the card in the reviewer, or undefined if the reviewer is closed. */
export async function currentCard({ call }: Context): Promise<ReviewerCard | Unreadable | undefined> {
  if (!(await call('guiReviewActive', {}))) return undefined;
  try {
    return await call('guiCurrentCard', {});
  } catch (error) {
    if (!(error instanceof AnkiRefused)) throw error;
    // Anki's window may have left the review between the two calls.
    return /not currently active/.test(error.message) ? undefined : { reason: error.message };
  }
}

/** Returns the card that follows a rated one, which may be the same one again. */
export const cardAfter = (
  context: Context,
  ratedId: number | undefined,
): Promise<ReviewerCard | Unreadable | undefined> =>
  settled(
    context,
    () => currentCard(context),
    (card) => card === undefined || (isReadable(card) && card.cardId !== ratedId),
  );

/** Undoes the last change in Anki. Returns true if that was the last rating of this card. */
export async function undoRating(context: Context, cardId: number): Promise<boolean> {
  const before = await countReviews(context, cardId);
  await context.call('guiUndo', {});
  const after = await settled(
    context,
    () => countReviews(context, cardId),
    (count) => count < before,
  );
  return after < before;
}

/** Anki's window replies before it has carried out a rating or an undo: reads again until the effect shows, or it has none. */
async function settled<T>(
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

/** Rates the card in the reviewer. Returns false if it was not rated. */
export async function rateCard(
  context: Context,
  { cardId, reps }: ShownCard,
  ease: 1 | 2 | 3 | 4,
): Promise<boolean> {
  if (await context.call('guiAnswerCard', { ease })) return true;
  // After an edit Anki shows the question again. Unless the card was rated there, its answer is shown once more.
  const card = await storedCard(context, cardId);
  if (card === undefined || card === 'deleted' || card.reps !== reps) return false;
  return (await context.call('guiShowAnswer', {})) && context.call('guiAnswerCard', { ease });
}

/** Returns a card as it is stored: the reviewer keeps the texts of the time when it came up. Undefined if that fails. */
export async function storedCard(context: Context, cardId: number): Promise<Card | 'deleted' | undefined> {
  try {
    const { cards, unread } = await readCards(context, [cardId]);
    return unread[0]?.reason === 'no such card' ? 'deleted' : cards[0];
  } catch {
    context.signal?.throwIfAborted();
    return undefined;
  }
}

/** Returns the ids of cards in a deck that Anki cannot show, among the first that are new or due. */
export async function brokenCards(context: Context, deck: string): Promise<number[]> {
  const decks = await context.call('deckNamesAndIds', {});
  const query = `${inDecks([deck], decks)} (is:new or is:due)`;
  const found = await context.call('findCards', { query });
  return (await readCards(context, found.slice(0, maxExamined))).unread.map(({ id }) => id);
}

async function countReviews({ call }: Context, cardId: number): Promise<number> {
  const reviews = await call('getReviewsOfCards', { cards: [cardId] });
  return reviews[String(cardId)]?.length ?? 0;
}
