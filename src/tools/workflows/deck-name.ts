import { AnkiRefused } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';
import { nearest } from '../../lib/nearest.ts';

/** Returns the error for a deck that does not exist, with the most similar name if there is one. */
export function noSuchDeck(deck: string, decks: readonly string[]): AnkiRefused {
  const similar = nearest(deck, decks);
  const hint = similar === undefined ? 'deckNames lists all decks.' : `Did you mean "${similar}"?`;
  return new AnkiRefused(`Deck "${echo(deck)}" does not exist. ${hint}`);
}
