import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { isNotFound } from '../process/engine-error.ts';
import { truthy } from '../../../anki-connect/python.ts';
import { id, str } from '../session/python.ts';
import type { Response } from '../process/rpc.ts';
import type { Json } from '../../../lib/json.ts';

export type Card = Response<'get_card'>;

/** What Anki-Connect sees under the id 0: a card that nobody has saved yet. */
const blank = { id: 0n, mtimeSecs: 0n, queue: 0, easeFactor: 0 };

/** Everything that Python holds for false is the id 0. */
export const cardId = (given: Json): bigint => (truthy(given) ? id(given) : 0n);

export async function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A card to look at. */
export async function seenCard(
  collection: Collection,
  given: Json,
): Promise<Pick<Card, keyof typeof blank> | undefined> {
  const cid = cardId(given);
  return cid === 0n ? blank : ifFound(collection.call('get_card', { cid }));
}

/** A card to change. The id 0 is refused here, in the words in which Anki refuses to save it. */
export async function storedCard(collection: Collection, given: Json): Promise<Card | undefined> {
  const cid = cardId(given);
  const card = collection.call('get_card', { cid });
  return cid === 0n ? card : ifFound(card);
}

/** Saves cards, all in one step of the undo list, which Anki-Connect empties here. */
export const saveCards = (collection: Collection, cards: Card[]) =>
  collection.call('update_cards', { cards, skipUndoEntry: false });

export const cardNotFound = (given: Json) => new AnkiRefused(`Card was not found: ${str(given)}`);
