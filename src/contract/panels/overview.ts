/** The tool that the overview panel calls. */
export const overviewTool = 'overviewPanel';

/** Number of reviews below which a rate means little. */
export const minReviews = 10;

/** Cards that are left to study today. */
export type LeftToday = { readonly new: number; readonly learning: number; readonly due: number };

/** A deck with its numbers of cards, those of the decks below it included. */
export type DeckCounts = LeftToday & { readonly name: string; readonly cards: number };

/** A number for each day, oldest first. */
export type DayCounts = {
  /** The first day, as YYYY-MM-DD. */
  readonly start: string;
  readonly counts: readonly number[];
};

export type RetentionRate = {
  readonly reviews: number;
  /** Fraction of the reviews that were remembered, between 0 and 1. */
  readonly remembered: number;
};

/** Cards to repair, and the search that finds them. */
export type CardsToRepair = { readonly cards: number; readonly search: string };

/** What the overview panel shows of the collection, or of a deck and those below it. */
export type OverviewView = {
  readonly deck?: string;
  readonly decks: readonly DeckCounts[];
  /** Number of decks that are left out because of the size. */
  readonly moreDecks: number;
  readonly today: LeftToday & { readonly reviewed: number };
  /** Answers per day up to today, of all decks. */
  readonly answers: DayCounts & {
    /** Days in a row with answers. */
    readonly streak: number;
    /** What is counted that is no answer, if anything. */
    readonly includes?: string;
  };
  /** Due cards per day from today on. */
  readonly forecast: DayCounts & { readonly overdue: number };
  /** Of the last `days` days. */
  readonly retention: {
    readonly days: number;
    readonly all: RetentionRate;
    readonly young: RetentionRate;
    readonly mature: RetentionRate;
    /** Says which cards were read, if not all. */
    readonly from?: string;
  };
  readonly leeches: CardsToRepair;
  readonly forgotten: CardsToRepair;
};
