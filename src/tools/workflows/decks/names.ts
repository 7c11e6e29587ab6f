import type { DeckEntry } from '../../../contract/engine/deck.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { foldCase } from '../../../lib/exact-name.ts';
import { findIn, isWithin } from '../deck-name.ts';
import { requireDeckName } from '../new-deck-name.ts';

export const lastPart = (name: string): string => name.split('::').at(-1) ?? name;

/** Throws AnkiRefused if a deck cannot get this full name: Anki would choose another one. */
export function requireName(decks: readonly DeckEntry[], deck: DeckEntry, name: string): void {
  requireDeckName(name);
  if (isWithin(name, deck.name) && foldCase(name) !== foldCase(deck.name))
    throw new AnkiRefused(`Nothing was changed: "${echo(name)}" would be inside of the deck itself.`);
  const taken = findIn(decks, name);
  if (taken && taken.id !== deck.id)
    throw new AnkiRefused(
      `Nothing was changed: there is a deck "${taken.name}". The action merge joins two decks.`,
    );
  const filtered = decks.find((each) => each.isFiltered && each.id !== deck.id && isWithin(name, each.name));
  if (filtered)
    throw new AnkiRefused(
      `Nothing was changed: "${filtered.name}" is a filtered deck, which cannot have child decks.`,
    );
}
