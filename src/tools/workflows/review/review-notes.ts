import { AnkiRefused } from '../../../contract/errors.ts';
import { cutToBytes, jsonBytes } from '../../../lib/cut.ts';
import type { JsonObject } from '../../../lib/json.ts';
import type { Context, JsonResult } from '../../workflow.ts';
import type { Draft } from '../save-notes/save-draft.ts';
import type { NoteInput } from '../save-notes/save-input.ts';
import { checkItems, preview } from './check-items.ts';
import { contentOf } from './content.ts';
import { reportOf, textOf } from './report.ts';
import { canSave, keep, reviews, type Item, type Settings } from './review.ts';
import { saveAccepted } from './save-accepted.ts';

/** Maximum number of drafts of a review. */
const maxDrafts = 200;

/** Maximum bytes of a question to the user. */
const maxQuestion = 4_000;

/** Notes for the approval of the user. */
export interface Proposal {
  readonly notes: readonly NoteInput[];
  /** What the model calls each note. */
  readonly labels: readonly string[];
  readonly settings: Settings;
  /** Tags for every note. */
  readonly tags?: readonly string[] | undefined;
  /** Whether the fields are HTML that is stored as it is. */
  readonly isVerbatim: boolean;
}

/** What the report of a tool needs. */
export interface Reviewed {
  readonly drafts: readonly Draft[];
  readonly isDryRun: boolean;
  readonly newDecks: readonly string[];
  readonly suspended?: number | undefined;
}

type Report<R> = (reviewed: Reviewed, budget: number) => R;

/** Lets the user approve notes before they are saved: in a panel, by a question, or in words. */
export async function reviewNotes<R extends JsonObject>(
  context: Context,
  proposal: Proposal,
  report: Report<R>,
): Promise<JsonResult<R & { readonly review: string }>> {
  const { settings } = proposal;
  const { items, newDecks } = await itemsOf(context, proposal);
  const drafts = items.map(({ draft }) => draft);
  const half = Math.floor(context.budget / 2) - 100;
  const result = (reviewed: Reviewed, text: string) => ({
    ...report(reviewed, half),
    review: cutToBytes(text, half),
  });
  const asPlanned = (how: string) =>
    result({ drafts, isDryRun: true, newDecks }, [how, ...items.map((item) => textOf(item))].join('\n'));
  if (context.hasPanels)
    return { result: asPlanned(inPanel), panel: { review: keep(context, settings, items).id } };
  const accepted = items.filter(canSave);
  if (!context.canAsk || accepted.length === 0) return { result: asPlanned(inWords) };
  const question = [
    `Save these ${accepted.length} notes`,
    ...accepted.map((item) => textOf(item, Infinity)),
  ].join('\n');
  // The user must not accept what the question leaves out.
  if (jsonBytes(question) > maxQuestion) return { result: asPlanned(tooLong(jsonBytes(question))) };
  await context.approve({
    actions: ['saveNotes'],
    assess: async () => [
      {
        kind: 'approval',
        of: accepted.map(({ label }) => label),
        describe: () => question,
      },
    ],
  });
  for (const item of accepted) item.decision = 'accepted';
  const saving = await saveAccepted(context, settings, accepted);
  if ('changed' in saving) throw new AnkiRefused(changedMeanwhile);
  const saved = { drafts: items.map(({ draft }) => draft), isDryRun: false, ...saving };
  return { result: result(saved, reportOf({ items, isSaved: true })) };
}

async function itemsOf(context: Context, proposal: Proposal) {
  const { notes, labels, settings, tags = [], isVerbatim } = proposal;
  if (notes.length > maxDrafts)
    throw new AnkiRefused(
      `Nothing was saved: a review has at most ${maxDrafts} notes, these are ${notes.length}. Review them in parts.`,
    );
  const unchecked = notes.map((note, index) => ({
    index,
    label: labels[index] ?? '',
    note: withTags(note, tags),
    isVerbatim,
    onDuplicate: settings.onDuplicate ?? ('skip' as const),
  }));
  const checked = await checkItems(context, settings, unchecked);
  const groups = checked.map((group) => ({
    ...group,
    items: group.items.flatMap((each, index): Item[] => {
      const draft = group.drafts[index];
      const first = { fields: {}, tags: '', deck: undefined };
      return draft ? [{ ...each, decision: 'open', draft, fingerprint: '', first }] : [];
    }),
  }));
  await preview(context, groups);
  const items = groups.flatMap((group) => group.items);
  for (const item of items) item.first = contentOf(item);
  return { items, newDecks: groups.flatMap((group) => group.newDecks) };
}

function withTags(note: NoteInput, tags: readonly string[]): NoteInput {
  if (tags.length === 0) return note;
  if (note.id !== undefined) return { ...note, addTags: [...(note.addTags ?? []), ...tags] };
  return { ...note, tags: [...(note.tags ?? []), ...tags] };
}

/** Returns what the user did in the last review of this session. */
export function reviewedBefore(context: Context): string {
  const review = reviews.lastOf(context.session);
  if (!review) return 'This session has no review. Pass the notes to review.';
  return cutToBytes(reportOf(review), context.budget - 200);
}

const inPanel =
  'Nothing is saved yet. The user reviews these notes in the panel and saves them there: wait for the user. Then saveNotes with notes: [] and review: true says what was accepted, edited and rejected. Only if the user sees no panel: show these notes, and save those that the user confirms without review.';

const inWords =
  'Nothing is saved yet. Show these notes to the user and ask. Then save those that the user confirms in words, by the same call without review.';

const tooLong = (bytes: number): string =>
  `Nothing is saved yet, and the user was not asked: with their whole text these notes have ${bytes} bytes, a question has at most ${maxQuestion}. Review fewer notes in one call. Or show them to the user with their whole text, and save those that the user confirms in words, by the same call without review.`;

const changedMeanwhile =
  'Nothing was saved: the collection has changed since the user was asked. Repeat the call.';
