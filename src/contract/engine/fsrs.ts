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
  /** New cards in addition to those that the search finds. */
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

/** How well parameters predict the reviews; smaller is better. */
export type PredictionError = Readonly<{
  logLoss: number;
  /** Average difference between predicted and actual recall, 0 to 1. */
  rmse: number;
}>;

export type Optimized = Readonly<{
  /** Number of reviews that count. 0: too few, and the parameters stay. */
  reviews: number;
  parameters: readonly number[];
  before: PredictionError | null;
  after: PredictionError | null;
}>;

/** A change of FSRS. Missing members stay as they are. */
export type FsrsChange = Readonly<{
  deckId: number;
  on?: boolean | undefined;
  /** Desired retention, 0.7 to 0.99. */
  retention?: number | undefined;
  /** Sets the retention of this deck only, not of its preset. */
  onlyDeck: boolean;
  parameters: readonly Readonly<{ presetId: number; values: readonly number[] }>[];
  /** Computes new due dates. */
  reschedule: boolean;
}>;

/** What a change of FSRS did. Pairs are before and after. */
export type FsrsEffect = Readonly<{
  /** Cards whose due date moved. */
  moved: number;
  earlier: number;
  later: number;
  dueToday: readonly [number, number];
  memoryStates: readonly [number, number];
  /** Rows that rescheduling added. */
  reviewLogRows: number;
}>;

/** Anki's scheduler FSRS. */
export interface FsrsOperations {
  fsrsState(params: { readonly deckId: number }): FsrsState;
  memoryStates(params: { readonly search: string; readonly samples: number }): MemoryStates;
  simulateReviews(params: Simulation): SimulatedDays;
  /** Computes parameters from the reviews of the cards that a search finds. Changes nothing. */
  optimizePreset(params: { readonly presetId: number; readonly search: string }): Optimized;
  changeFsrs(change: FsrsChange): FsrsEffect;
  /** The same on a copy of the collection. */
  tryFsrsChange(change: FsrsChange): FsrsEffect;
}
