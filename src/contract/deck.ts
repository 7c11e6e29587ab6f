import { z } from 'zod';
import { action, adds, deletes, ensures, overwrites, reads } from './action.ts';
import { deckName, distinctIds, id, ids, nothing } from './schemas.ts';

export const deckNames = action({
  title: 'List decks',
  description: 'Lists the full names of all decks; :: separates levels.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.array(z.string()),
});

export const deckNamesAndIds = action({
  title: 'List decks with ids',
  description: 'Maps the full name of every deck to its id.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.record(z.string(), id),
});

export const getDecks = action({
  title: 'Decks of cards',
  description: 'Groups cards by deck name. Unknown card ids are listed under the default deck.',
  annotations: reads,
  input: z.strictObject({ cards: ids }),
  output: z.record(z.string(), ids),
});

export const createDeck = action({
  title: 'Create deck',
  description:
    'Creates an empty deck with its parents and returns its id; an existing deck stays unchanged. Anki may change the name: check with deckNameFromId.',
  annotations: ensures,
  input: z.strictObject({ deck: deckName.describe('Full name; :: nests') }),
  output: id,
});

export const changeDeck = action({
  title: 'Move cards',
  description:
    'Moves cards to a deck, which is created if missing: a typo becomes a new deck. Do not move cards into a filtered deck.',
  annotations: overwrites,
  input: z.strictObject({ cards: distinctIds, deck: deckName }),
  output: nothing,
});

export const deleteDecks = action({
  title: 'Delete decks',
  description:
    'Deletes decks with their child decks, all cards in them, and notes left without cards. Names must match exactly; unknown ones are ignored without an error.',
  annotations: deletes,
  input: z.strictObject({ decks: z.array(deckName), cardsToo: z.literal(true).describe('Must be true') }),
  output: nothing,
});

const deckConfig = z.looseObject({ id: z.int(), name: z.string() });

export const getDeckConfig = action({
  title: 'Deck options',
  description:
    'Returns the options group of a deck (exact name), false for a missing deck, or the deck itself if it is filtered (dyn: 1).',
  annotations: reads,
  input: z.strictObject({ deck: deckName }),
  output: z.union([deckConfig, z.literal(false)]),
});

export const saveDeckConfig = action({
  title: 'Save deck options',
  description:
    'Replaces a whole options group, for every deck that uses it. Send everything getDeckConfig returned, with your changes: omitted members are reset. Read it again: true does not mean every value was accepted.',
  annotations: overwrites,
  input: z.strictObject({ config: deckConfig }),
  output: z.boolean(),
});

export const setDeckConfigId = action({
  title: 'Assign deck options',
  description:
    'Gives decks (exact names) another options group. True even for an unknown group, which counts as the default group.',
  annotations: overwrites,
  input: z.strictObject({ decks: z.array(deckName), configId: z.int() }),
  output: z.boolean(),
});

export const cloneDeckConfigId = action({
  title: 'Clone deck options',
  description:
    'Copies an options group under a new name and returns the new id; false if the source does not exist.',
  annotations: adds,
  input: z.strictObject({ name: z.string(), cloneFrom: z.int().optional().describe('Default 1') }),
  output: z.union([z.int(), z.literal(false)]),
});

export const removeDeckConfigId = action({
  title: 'Delete deck options',
  description:
    'Deletes an options group (not the default one, 1). The next sync must be a full one, and Anki may ask for it in a dialog.',
  annotations: deletes,
  input: z.strictObject({ configId: z.int() }),
  output: z.boolean(),
});

export const getDeckStats = action({
  title: 'Deck counts',
  description:
    "Counts new, learning and due cards of decks, by deck id, within today's limits and with child decks. Decks that do not exist are created: check the names first.",
  annotations: ensures,
  input: z.strictObject({ decks: z.array(deckName) }),
  output: z.record(
    z.string(),
    z.looseObject({
      deck_id: id,
      name: z.string().describe('Last part of the name only'),
      new_count: z.int(),
      learn_count: z.int(),
      review_count: z.int(),
      total_in_deck: z.int().describe('Without child decks'),
    }),
  ),
});

export const deckNameFromId = action({
  title: 'Deck name',
  description: 'Returns the full name of the deck with this id; an unknown id returns the default deck.',
  annotations: reads,
  input: z.strictObject({ deckId: id }),
  output: z.string(),
});
