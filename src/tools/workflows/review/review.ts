import type { CardSides, Decision, ExistingView, OnDuplicate } from '../../../contract/panels/review.ts';
import { oneAtATime } from '../../../lib/one-at-a-time.ts';
import { newId, newToken, PanelStates, type PanelState } from '../../panel-states.ts';
import type { Context } from '../../workflow.ts';
import type { Draft, SaveSettings } from '../save-notes/save-draft.ts';
import type { NoteInput } from '../save-notes/save-input.ts';

/** How the notes of a review are saved. */
export type Settings = Omit<SaveSettings, 'notes' | 'tags' | 'dryRun' | 'review' | 'isVerbatim'>;

/** What a user can edit of a draft. */
export interface Content {
  /** HTML by field name, in the order of the note type. */
  readonly fields: Readonly<Record<string, string>>;
  readonly tags: string;
  readonly deck: string | undefined;
}

/** A note to save, and what the user decided. */
export interface Item {
  readonly index: number;
  /** What the model calls it, such as notes[3]. */
  readonly label: string;
  /** With the edits of the user. */
  note: NoteInput;
  /** Whether the fields are HTML that is stored as it is. */
  isVerbatim: boolean;
  onDuplicate: OnDuplicate;
  decision: Decision;
  /** The last check, with the outcome that saving would have, or had. */
  draft: Draft;
  /** Identifies what saving would do. Saving does nothing else. */
  fingerprint: string;
  /** The content before the user edited it. */
  first: Content;
  /** What the panel shows of it, until it changes. */
  shown?: { readonly cards: readonly CardSides[]; readonly existing?: ExistingView } | undefined;
}

/** Drafts that a user reviews in a panel. */
export interface Review extends PanelState {
  readonly settings: Settings;
  readonly items: readonly Item[];
  /** Permits one action on the drafts as they are now. Only views contain it. */
  token: string;
  isSaved: boolean;
  /** Runs an action after the one before. */
  readonly afterLast: ReturnType<typeof oneAtATime>;
}

export const reviews = new PanelStates<Review>({ count: 20 });

/** Keeps drafts for the panel, until the session ends. */
export const keep = ({ session }: Context, settings: Settings, items: readonly Item[]): Review =>
  reviews.keep({
    id: newId(),
    client: session,
    settings,
    items,
    token: newToken(),
    isSaved: false,
    afterLast: oneAtATime(),
  });

/** Returns true if saving would write the draft. */
export const canSave = ({ draft: { outcome } }: Item): boolean =>
  outcome === 'created' || outcome === 'updated';
