import type { FsrsPreset, FsrsState } from '../../../contract/engine/fsrs.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { inDecks } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { defaultDeckId, findDeck, type FoundDeck } from '../deck-name.ts';

interface DeckAndPreset {
  readonly deck: FoundDeck;
  /** Finds the cards of the deck and its child decks. */
  readonly term: string;
  readonly state: FsrsState;
  readonly preset: FsrsPreset;
}

/** Returns a deck, its preset, and FSRS in the collection. */
export async function deckAndPreset(context: Context, name: string): Promise<DeckAndPreset> {
  const { deck, ids } = await findDeck(context, name);
  const state = await context.operate('fsrsState', { deckId: deck.id });
  const preset = state.presets.find(({ id }) => id === state.presetId);
  if (!preset)
    throw new AnkiRefused(`The preset of "${deck.name}" cannot be read. Check the database in Anki.`);
  return { deck, term: inDecks([deck.name], ids), state, preset };
}

interface Chosen {
  /** The deck, if one was passed. */
  readonly chosen: DeckAndPreset | undefined;
  readonly state: FsrsState;
  /** The preset of the deck, or all presets in use. */
  readonly presets: readonly FsrsPreset[];
}

/** Returns FSRS in the collection, and the preset of a deck or all presets in use. */
export async function chosenPresets(context: Context, name: string | undefined): Promise<Chosen> {
  if (name !== undefined) {
    const chosen = await deckAndPreset(context, name);
    return { chosen, state: chosen.state, presets: [chosen.preset] };
  }
  const state = await context.operate('fsrsState', { deckId: defaultDeckId });
  return { chosen: undefined, state, presets: state.presets.filter(({ decks }) => decks > 0) };
}

/** Anki's own limits. It replaces a value outside them without saying so. */
export const minRetention = 0.7;
export const maxRetention = 0.99;

/** Throws AnkiRefused if Anki would not keep this desired retention. */
export function requireRetention(retention: number | undefined): void {
  if (retention === undefined || (retention >= minRetention && retention <= maxRetention)) return;
  throw new AnkiRefused(
    `Nothing was changed: retention must be from ${minRetention} to ${maxRetention}, not ${retention}. 0.9 means that 90 % of the cards are remembered when they are due.`,
  );
}
