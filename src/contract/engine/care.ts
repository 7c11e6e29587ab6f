/** Cards whose front is blank, by note. */
export type EmptyCards = readonly Readonly<{
  note: number;
  cards: readonly number[];
  /** True if all cards of the note are empty. */
  isWhole: boolean;
}>[];

export interface CareOperations {
  emptyCards(params: object): EmptyCards;
}
