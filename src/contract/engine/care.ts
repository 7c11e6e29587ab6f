/** Cards whose front is blank, by note. */
export type EmptyCards = readonly Readonly<{
  note: number;
  cards: readonly number[];
  /** True if all cards of the note are empty. */
  isWhole: boolean;
}>[];

/** Names of media files that no note uses, and of those that notes refer to but that are missing. */
export type MediaCheck = Readonly<{ unused: readonly string[]; missing: readonly string[] }>;

/** What Anki's database check repaired. */
export type DatabaseCheck = Readonly<{
  /** Anki's report, in its own sentences. */
  problems: readonly string[];
  /** How many rows the collection has less than before. */
  lost: Readonly<{ notes: number; cards: number; reviews: number }>;
  /** True if the next sync must be a full one. */
  fullSync: boolean;
}>;

export interface CareOperations {
  emptyCards(params: object): EmptyCards;
  /** Runs Anki's media check on a copy: it changes nothing. Returns null if the media folder has more files. */
  checkMedia(params: { readonly maxFiles: number }): MediaCheck | null;
  /** Runs Anki's database check on a copy: it changes nothing. */
  checkDatabase(params: object): DatabaseCheck;
  /** Checks and repairs the collection, which empties the undo list. */
  repairDatabase(params: object): DatabaseCheck;
}
