import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { isNotFound } from '../process/engine-error.ts';
import { joinCards, valuesInOrder } from './id-list.ts';
import { idOrZero, shortIds, str } from '../session/python.ts';
import type { RpcResponse } from '../process/rpc.ts';
import type { Json } from '../../../lib/json.ts';

export type Card = RpcResponse<'get_card'>;

/** The unsaved card that Anki-Connect reads for the id 0. */
const unsavedCard = { queue: 0, easeFactor: 0 };

/** Returns the result, or undefined if the engine reports NOT_FOUND. */
export async function ifFound<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Returns each card for reading, or undefined if it does not exist. The id 0 means an unsaved card. */
export async function readCards(
  collection: Collection,
  values: readonly Json[],
): Promise<readonly (Pick<Card, keyof typeof unsavedCard> | undefined)[]> {
  const wanted = shortIds(values, idOrZero);
  const [queues = [], factors = []] = await valuesInOrder(
    collection,
    wanted,
    joinCards,
    'c.queue',
    'c.factor',
  );
  return wanted.map((cid, index) => {
    if (cid === 0) return unsavedCard;
    const queue = queues[index];
    return typeof queue === 'number' ? { queue, easeFactor: Number(factors[index]) } : undefined;
  });
}

/** Returns a card for changing, or undefined if it does not exist. The id 0 throws, as Anki cannot save an unsaved card. */
export async function loadCard(collection: Collection, value: Json): Promise<Card | undefined> {
  const cid = idOrZero(value);
  const card = collection.call('get_card', { cid });
  return cid === 0n ? card : ifFound(card);
}

/** Saves all cards in one undo step. Anki-Connect itself clears the undo list here. */
export const saveCards = (collection: Collection, cards: Card[]) =>
  collection.call('update_cards', { cards, skipUndoEntry: false });

export const cardNotFound = (value: Json) => new AnkiRefused(`Card was not found: ${str(value)}`);
