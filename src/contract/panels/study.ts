import type { CardView, Comparison } from './card.ts';

/** The tool that the study panel calls. */
export const studyTool = 'studyPanel';

/** What the user does in the study panel. */
export type StudyAction = 'show' | 'reveal' | 'rate' | 'undo' | 'bury' | 'flag' | 'comment' | 'stop';

/** The arguments of the tool. */
export type StudyRequest = {
  readonly action: StudyAction;
  /** Of the view that the user sees. Only `show` needs neither: it shows the session of this client. */
  readonly session?: string;
  readonly version?: number;
  readonly rating?: 1 | 2 | 3 | 4;
  readonly flag?: number;
  /** The typed answer, or the comment. */
  readonly text?: string;
};

/** Number of cards that are left to study, by state. */
export type LeftCards = { readonly new: number; readonly learning: number; readonly review: number };

export type RatingButton = {
  readonly rating: 1 | 2 | 3 | 4;
  readonly name: string;
  /** Time until the card is shown again, as Anki prints it. */
  readonly interval: string;
};

/** A card whose question is shown. The answer is not in it. */
export type QuestionView = {
  readonly phase: 'question';
  readonly card: CardView;
  readonly flag: number;
  readonly asksTyping: boolean;
};

export type AnswerView = {
  readonly phase: 'answer';
  readonly card: CardView;
  readonly flag: number;
  readonly question: string;
  readonly comparison?: Comparison;
  readonly ratings: readonly RatingButton[];
};

/** The next card could not be shown. */
export type StuckView = { readonly phase: 'stuck' };

export type DoneView = {
  readonly phase: 'done';
  readonly minutes: number;
  readonly counts: readonly { readonly name: string; readonly count: number }[];
};

/** The card that the user sees, without what the panel shows of it already. */
export type SameView = { readonly phase: 'same'; readonly flag: number };

/** What every view has. */
type Session = {
  /** Identifies the session. */
  readonly session: string;
  /** Number of the state. The server refuses an action on an earlier state. */
  readonly version: number;
  /** The deck or the search. */
  readonly title: string;
  readonly answered: number;
  readonly left?: LeftCards;
  /** What went wrong or changed, for the user. */
  readonly notice?: string;
  readonly canUndo: boolean;
  readonly canBury: boolean;
  /** What the model should know: cards that went wrong, and comments. */
  readonly report: string;
  /** The user's comment on this card. */
  readonly comment?: string;
};

/** What the study panel shows. */
export type StudyView = Session & (QuestionView | AnswerView | StuckView | DoneView);

/** A result of the tool. */
export type StudyReply = StudyView | (Session & SameView);
