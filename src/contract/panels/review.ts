import type { CardView } from './card.ts';

/** The tool that the review panel calls. */
export const reviewTool = 'reviewPanel';

/** What the user does in the review panel. */
export type ReviewAction = 'show' | 'decide' | 'acceptAll' | 'edit' | 'duplicate' | 'save';

export type Decision = 'open' | 'accepted' | 'rejected';

/** What happens with a draft whose first field is that of an existing note. */
export type OnDuplicate = 'skip' | 'update' | 'add';

/** The arguments of the tool. */
export type ReviewRequest = {
  readonly action: ReviewAction;
  readonly review: string;
  /** Of the view that the user sees; for all but show. It is valid once. */
  readonly token?: string;
  readonly page?: number;
  /** Position of the draft. */
  readonly index?: number;
  readonly decision?: Decision;
  readonly onDuplicate?: OnDuplicate;
  readonly fields?: Readonly<Record<string, string>>;
  readonly tags?: string;
  readonly deckName?: string;
};

/** Both sides of a card. A note that cannot be rendered has its fields on both. */
export type CardSides = { readonly question: CardView; readonly answer: CardView };

/** A note that is in the collection already. */
export type ExistingView = {
  readonly id: number;
  readonly noteType: string;
  readonly deck?: string;
  readonly cards: readonly CardSides[];
};

/** A note to save. */
export type DraftView = {
  readonly index: number;
  readonly label: string;
  readonly decision: Decision;
  /** What saving it does: created or updated. Others are not saved, such as invalid and alreadyThere. */
  readonly outcome: string;
  readonly canSave: boolean;
  readonly why?: string;
  readonly warnings: readonly string[];
  readonly noteType: string;
  /** Of a new note. */
  readonly deck?: string;
  readonly fields: readonly { readonly name: string; readonly html: string }[];
  readonly tags: string;
  /** Names of what the user changed. */
  readonly edited: readonly string[];
  readonly onDuplicate: OnDuplicate;
  readonly cards: readonly CardSides[];
  /** The note that it duplicates or updates. */
  readonly existing?: ExistingView;
};

export type OpenReview = {
  readonly phase: 'open';
  readonly token: string;
  readonly counts: Readonly<Record<Decision, number>>;
  readonly page: number;
  readonly pages: number;
  readonly drafts: readonly DraftView[];
  readonly decks: readonly string[];
};

export type SavedReview = {
  readonly phase: 'saved';
  readonly outcomes: readonly { readonly name: string; readonly count: number }[];
  /** Drafts that were accepted and not saved, and why. */
  readonly problems: readonly { readonly label: string; readonly why: string }[];
};

/** What the review panel shows. */
export type ReviewView = {
  readonly review: string;
  readonly total: number;
  /** What went wrong or changed, for the user. */
  readonly notice?: string;
  /** What the model should know. */
  readonly report: string;
} & (OpenReview | SavedReview);
