import type { Collection } from './collection.ts';
import { isNotFound } from '../process/engine-error.ts';

/** Id of the deck that always exists. */
export const defaultDeckId = 1n;

/** Returns the ids and names of all decks. */
export const deckEntries = async (collection: Collection, includeFiltered = true) =>
  (await collection.call('get_deck_names', { skipEmptyDefault: false, includeFiltered })).entries;

/** Returns the ids of the filtered decks, in the order of their names. */
export async function filteredDeckIds(collection: Collection): Promise<ReadonlySet<bigint>> {
  const normal = new Set((await deckEntries(collection, false)).map(({ id }) => id));
  return new Set((await deckEntries(collection)).flatMap(({ id }) => (normal.has(id) ? [] : [id])));
}

/** Returns the id of the deck with this name in any letter case, or undefined if it does not exist. */
export async function findDeck(collection: Collection, name: string): Promise<bigint | undefined> {
  try {
    return (await collection.call('get_deck_id_by_name', { val: name })).did;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Returns the deck's name; a missing deck counts as the default deck. */
export async function deckName(collection: Collection, deckId: bigint): Promise<string> {
  try {
    return (await collection.call('get_deck', { did: deckId })).name;
  } catch (error) {
    if (isNotFound(error) && deckId !== defaultDeckId) return deckName(collection, defaultDeckId);
    throw error;
  }
}
