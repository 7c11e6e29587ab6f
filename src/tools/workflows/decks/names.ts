import type { DeckEntry } from '../../../contract/engine/deck.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { noSuchDeck } from '../deck-name.ts';

const normalized = (name: string): string => name.normalize('NFC').toLowerCase();

export const findIn = (decks: readonly DeckEntry[], name: string): DeckEntry | undefined =>
  decks.find((each) => normalized(each.name) === normalized(name));

/** Returns the deck with this name in any letter case. Throws AnkiRefused if it does not exist. */
export function deckIn(decks: readonly DeckEntry[], name: string): DeckEntry {
  const found = findIn(decks, name);
  if (!found)
    throw noSuchDeck(
      name,
      decks.map((each) => each.name),
    );
  return found;
}

/** Returns true if `name` is the deck itself or below it. */
export const isWithin = (name: string, deck: string): boolean =>
  normalized(name) === normalized(deck) || normalized(name).startsWith(`${normalized(deck)}::`);

export const lastPart = (name: string): string => name.split('::').at(-1) ?? name;

/** Throws AnkiRefused if a deck cannot get this full name: Anki would choose another one. */
export function requireName(decks: readonly DeckEntry[], deck: DeckEntry, name: string): void {
  const parts = name.split('::');
  if (parts.some((part) => part.trim() === '' || part !== part.trim()))
    throw new AnkiRefused(
      `Nothing was changed: "${echo(name)}" is no deck name. Each part between :: needs characters, without spaces at its ends.`,
    );
  if (name !== deck.name && isWithin(name, deck.name) && normalized(name) !== normalized(deck.name))
    throw new AnkiRefused(`Nothing was changed: "${echo(name)}" would be inside of the deck itself.`);
  const taken = findIn(decks, name);
  if (taken && taken.id !== deck.id)
    throw new AnkiRefused(
      `Nothing was changed: there is a deck "${taken.name}". The action merge joins two decks.`,
    );
  const parents = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('::'));
  const filtered = parents.map((parent) => findIn(decks, parent)).find((parent) => parent?.isFiltered);
  if (filtered)
    throw new AnkiRefused(
      `Nothing was changed: "${filtered.name}" is a filtered deck, which cannot have child decks.`,
    );
}
