import { randomBytes, randomUUID } from 'node:crypto';
import type { CardSides, Decision, ExistingView, OnDuplicate } from '../../../contract/panels/review.ts';
import { oneAtATime } from '../../../lib/one-at-a-time.ts';
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
export interface Review {
  /** Only the panel knows it: the model does not see this part of the result. */
  readonly id: string;
  /** The MCP session of the model. */
  readonly client: AbortSignal;
  readonly settings: Settings;
  readonly items: readonly Item[];
  /** Permits one action on the drafts as they are now. Only views contain it. */
  token: string;
  isSaved: boolean;
  /** Runs an action after the one before. */
  readonly afterLast: ReturnType<typeof oneAtATime>;
}

/** Maximum number of reviews that are kept, over all sessions. */
const maxReviews = 20;

const reviews = new Map<string, Review>();

export const newToken = (): string => randomBytes(16).toString('hex');

/** Keeps drafts for the panel, until the session ends. */
export function keep({ session }: Context, settings: Settings, items: readonly Item[]): Review {
  const id = randomUUID();
  const review: Review = {
    id,
    client: session,
    settings,
    items,
    token: newToken(),
    isSaved: false,
    afterLast: oneAtATime(),
  };
  reviews.set(id, review);
  session.addEventListener('abort', () => reviews.delete(id), { once: true });
  const [oldest] = reviews.keys();
  if (reviews.size > maxReviews && oldest !== undefined) reviews.delete(oldest);
  return review;
}

export const reviewWith = (id: string): Review | undefined => reviews.get(id);

/** Returns the last review of the model's session. */
export const lastReview = ({ session }: Context): Review | undefined =>
  [...reviews.values()].findLast(({ client }) => client === session);

/** Returns true if saving would write the draft. */
export const canSave = ({ draft: { outcome } }: Item): boolean =>
  outcome === 'created' || outcome === 'updated';
