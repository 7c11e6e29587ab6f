import { AnkiRefused } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';
import { nearest } from '../../lib/nearest.ts';
import type { DeckIds } from '../search-terms.ts';
import type { Context } from '../workflow.ts';

/** Returns the error for a deck that does not exist, with the most similar name if there is one. */
export function noSuchDeck(deck: string, decks: readonly string[]): AnkiRefused {
  const similar = nearest(deck, decks);
  const hint = similar === undefined ? 'deckNames lists all decks.' : `Did you mean "${similar}"?`;
  return new AnkiRefused(`Deck "${echo(deck)}" does not exist. ${hint}`);
}

export interface FoundDeck {
  /** The exact name. */
  readonly name: string;
  readonly id: number;
}

/** Returns the deck with this name in any letter case, and the ids of all decks. Throws AnkiRefused if it does not exist. */
export async function findDeck(
  { call }: Pick<Context, 'call'>,
  name: string,
): Promise<{ deck: FoundDeck; ids: DeckIds }> {
  const ids = await call('deckNamesAndIds', {});
  const normal = name.normalize('NFC').toLowerCase();
  const found = Object.entries(ids).find(([each]) => each.toLowerCase() === normal);
  if (!found) throw noSuchDeck(name, Object.keys(ids));
  return { deck: { name: found[0], id: found[1] }, ids };
}
