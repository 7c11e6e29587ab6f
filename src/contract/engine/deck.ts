export type DeckEntry = Readonly<{ id: number; name: string; isFiltered: boolean }>;

export type PresetEntry = Readonly<{ id: number; name: string }>;

/** Limits for today only, in cards; null: the limits of the preset count. */
export type TodayLimits = Readonly<{ newCards: number | null; reviews: number | null }>;

/** Decks beyond what Anki-Connect does with them. Names are checked by the caller: Anki changes a wrong one silently. */
export interface DeckOperations {
  decks(params: object): readonly DeckEntry[];
  presets(params: object): readonly PresetEntry[];
  /** Gives a deck another full name; its child decks follow, history and options stay. Returns the decks afterwards. */
  renameDeck(params: { readonly id: number; readonly name: string }): readonly DeckEntry[];
  /** Sets limits for today; absent ones stay as they are. */
  limitDeckToday(params: { readonly id: number } & Partial<TodayLimits>): TodayLimits;
}
