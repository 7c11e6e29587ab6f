/** Anki's orders of the cards of a filtered deck, by its numbers. */
export const filteredOrders = [
  'oldest seen',
  'random',
  'interval up',
  'interval down',
  'lapses',
  'added',
  'due',
  'latest added',
  'lowest recall',
  'highest recall',
  'overdue',
] as const;

export type FilteredOrder = (typeof filteredOrders)[number];

export type FilteredSearch = Readonly<{
  search: string;
  /** Maximum number of cards. */
  limit: number;
  order: FilteredOrder;
}>;

export type FilteredDeck = Readonly<{
  id: number;
  name: string;
  searches: readonly FilteredSearch[];
  /** True: answers schedule cards. False: a preview, after which cards are as they were. */
  reschedule: boolean;
  /** Number of cards in it. */
  cards: number;
}>;

/** Filtered decks: cards that searches collect, until they are answered or the deck is emptied. */
export interface FilteredDeckOperations {
  filteredDecks(params: object): readonly FilteredDeck[];
  /** Creates a deck and collects its cards; with an id, changes it. */
  saveFilteredDeck(
    params: Readonly<Omit<FilteredDeck, 'id' | 'cards'> & { id?: number | undefined; allowEmpty: boolean }>,
  ): FilteredDeck;
  rebuildFilteredDeck(params: { readonly id: number }): FilteredDeck;
  /** Sends the cards back to their own decks. */
  emptyFilteredDeck(params: { readonly id: number }): FilteredDeck;
  deleteFilteredDeck(params: { readonly id: number }): null;
}
