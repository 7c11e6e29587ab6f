/** Cards whose front is blank, by note. */
export type EmptyCards = readonly Readonly<{
  note: number;
  cards: readonly number[];
  /** True if all cards of the note are empty. */
  isWhole: boolean;
}>[];

/** Names of media files that no note uses, and of those that notes refer to but that are missing. */
export type MediaCheck = Readonly<{ unused: readonly string[]; missing: readonly string[] }>;

export interface CareOperations {
  emptyCards(params: object): EmptyCards;
  /** Runs Anki's media check on a copy: it changes nothing. */
  checkMedia(params: object): MediaCheck;
}
