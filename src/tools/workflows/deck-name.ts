import { AnkiRefused } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';
import { foldCase } from '../../lib/exact-name.ts';
import { nearest } from '../../lib/nearest.ts';
import type { DeckIds } from '../search-terms.ts';
import type { Context } from '../workflow.ts';

/** Id of the deck that always exists. */
export const defaultDeckId = 1;

interface Named {
  /** The exact name. */
  readonly name: string;
}

export interface FoundDeck extends Named {
  readonly id: number;
}

/** Returns the error for a deck that does not exist, with the most similar name if there is one. */
export function noSuchDeck(deck: string, decks: readonly string[]): AnkiRefused {
  const similar = nearest(deck, decks);
  const hint = similar === undefined ? 'deckNames lists all decks.' : `Did you mean "${similar}"?`;
  return new AnkiRefused(`Deck "${echo(deck)}" does not exist. ${hint}`);
}

/** Returns the deck with this name in any letter case, if there is one. */
export function findIn<D extends Named>(decks: readonly D[], name: string): D | undefined {
  const folded = foldCase(name);
  return decks.find((each) => foldCase(each.name) === folded);
}

/** Returns the deck with this name in any letter case. Throws AnkiRefused if it does not exist. */
export function deckIn<D extends Named>(decks: readonly D[], name: string): D {
  const found = findIn(decks, name);
  if (found) return found;
  throw noSuchDeck(
    name,
    decks.map((each) => each.name),
  );
}

/** Returns true if `name` is the deck itself or below it. */
export const isWithin = (name: string, deck: string): boolean =>
  `${foldCase(name)}::`.startsWith(`${foldCase(deck)}::`);

export const decksOf = (ids: DeckIds): FoundDeck[] => Object.entries(ids).map(([name, id]) => ({ name, id }));

/** Returns the deck with this name in any letter case, and the ids of all decks. Throws AnkiRefused if it does not exist. */
export async function findDeck(
  { call }: Pick<Context, 'call'>,
  name: string,
): Promise<{ deck: FoundDeck; ids: DeckIds }> {
  const ids = await call('deckNamesAndIds', {});
  return { deck: deckIn(decksOf(ids), name), ids };
}
