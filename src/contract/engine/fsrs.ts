/** A preset as FSRS uses it. */
export type FsrsPreset = Readonly<{
  id: number;
  name: string;
  /** Number of decks that use it. */
  decks: number;
  /** Empty: Anki's default parameters. */
  parameters: readonly number[];
  /** 0 to 1. */
  desiredRetention: number;
  /** The search whose reviews count; '' for all cards of the preset. */
  search: string;
  /** Reviews before this day do not count; '' for none. */
  ignoreBefore: string;
}>;

/** FSRS in the collection, and the preset of one deck. */
export type FsrsState = Readonly<{
  on: boolean;
  daysSinceOptimize: number;
  presets: readonly FsrsPreset[];
  /** Id of the deck's preset. */
  presetId: number;
  /** The deck's own desired retention, if it has one. */
  deckRetention: number | null;
}>;

/** Number of cards by a percentage or number of days. */
export type Histogram = Readonly<Record<string, number>>;

export type MemoryState = Readonly<{
  cardId: number;
  /** Probability of recall now, 0 to 1. */
  recall: number;
  /** Days after which recall has fallen to 90 %. */
  stability: number;
  /** 1 to 10. */
  difficulty: number;
  /** Days. */
  interval: number;
}>;

/** Memory states of the cards that a search finds. Empty while FSRS is off. */
export type MemoryStates = Readonly<{
  /** By recall in percent. */
  recall: Histogram;
  /** By stability in days. */
  stability: Histogram;
  /** By difficulty in percent: 0 easiest, 100 hardest. */
  difficulty: Histogram;
  /** Percent. */
  averageRecall: number;
  /** Sum of the recall probabilities: the number of cards that are known now. */
  remembered: number;
  /** The cards with the lowest recall. */
  lowest: readonly MemoryState[];
}>;

/** What is simulated. Members that are missing are those of the deck. */
export type Simulation = Readonly<{
  deckId: number;
  /** The cards. */
  search: string;
  /** Days from today. */
  days: number;
  newPerDay?: number | undefined;
  retention?: number | undefined;
  /** Reviews a day. */
  reviewLimit: number;
  /** New cards beside those that the search finds. */
  extraCards: number;
  /** Days from today without reviews and new cards. */
  daysOff: number;
}>;

/** Results by day. Today is the first. */
export type SimulatedDays = Readonly<{
  newPerDay: number;
  retention: number;
  /** The deck's own limit of reviews a day, which is simulated only if it is the reviewLimit. */
  ownLimit: number;
  reviews: readonly number[];
  newCards: readonly number[];
  seconds: readonly number[];
  /** Number of cards that are known. */
  remembered: readonly number[];
}>;

/** Anki's scheduler FSRS. */
export interface FsrsOperations {
  fsrsState(params: { readonly deckId: number }): FsrsState;
  memoryStates(params: { readonly search: string; readonly samples: number }): MemoryStates;
  simulateReviews(params: Simulation): SimulatedDays;
}
