import type { Context } from '../../workflow.ts';
import type { Card } from '../../reading.ts';

/** Number of cards that are left to study, by state. */
export interface Left {
  readonly new: number;
  readonly learning: number;
  readonly review: number;
}

/** A card to study. The reviewer does not return its type, reviews and flag: they are missing if the stored card cannot be read. */
export type StudyCard = Pick<
  Card,
  'cardId' | 'fields' | 'fieldOrder' | 'question' | 'answer' | 'modelName' | 'deckName' | 'nextReviews'
> &
  Partial<Pick<Card, 'type' | 'reps' | 'flags'>>;

/** A card that is next but that Anki cannot show, and Anki's reason. */
export interface BrokenCard {
  readonly reason: string;
}

/** The card whose question was shown last. */
export interface ShownCard {
  readonly cardId: number;
  /** The card as it was read for the side that is shown. */
  readonly card: StudyCard;
  readonly left: Left | undefined;
  /** Whether its answer was shown too. */
  readonly revealed: boolean;
  /** Number of its reviews when the answer was shown. */
  readonly reps: number | undefined;
  /** What the user typed before the answer was shown, if the panel asked for it. */
  readonly typed?: string | undefined;
  /** Names of the pictures and sounds that were sent with the question. */
  readonly media: ReadonlySet<string>;
}

export interface NextCard {
  readonly card: StudyCard | BrokenCard;
  readonly left?: Left | undefined;
}

/** Where the cards of a study session come from. */
export interface CardSource {
  /** The order and the limits of the cards, in a sentence. */
  readonly order: string;
  /** Goes to the first card, or back to a card whose rating was undone. Returns false if the deck does not exist. */
  open(context: Context, first?: number): Promise<boolean>;
  /** Returns the next card, which may be the rated one again; undefined if none is left. */
  next(context: Context, ratedId?: number): Promise<NextCard | undefined>;
  /** Shows the answer of a card. Returns undefined if that card is not the one to study any more. */
  reveal(context: Context, shown: ShownCard): Promise<StudyCard | undefined>;
  /** Returns true if a card still waits for its rating, as it was revealed. */
  isWaiting(context: Context, shown: ShownCard): Promise<boolean>;
  /** Leaves a card for later. Anki's reviewer has no such step. */
  skip?(cardId: number): void;
  /** Rates a card. Returns false if it was not rated. */
  rate(context: Context, shown: ShownCard, ease: Ease): Promise<boolean>;
}

export type Ease = 1 | 2 | 3 | 4;

export const isReadable = (card: StudyCard | BrokenCard | undefined): card is StudyCard =>
  card !== undefined && 'cardId' in card;

/** Returns a card's state, as Anki's study screen names it. */
export const stateOf = ({ type }: StudyCard): string | undefined =>
  type === undefined ? undefined : ['new', 'learning', 'review', 'learning'][type];
