export interface BuryOperations {
  /** Takes cards out of study until tomorrow. Returns the number of cards that were buried. */
  buryCards(params: { readonly cards: readonly number[] }): number;
}
