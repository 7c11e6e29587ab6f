import type { DraftView, ReviewView } from '../../../contract/panels/review.ts';
import { echo } from '../../../lib/cut.ts';
import { sizeOf } from '../../size.ts';
import type { Context } from '../../workflow.ts';
import { valuesOf, type Note } from '../../reading.ts';
import { cardsOf } from './cards.ts';
import { contentOf, editsOf } from './content.ts';
import { reportOf } from './report.ts';
import { canSave, type Item, type Review } from './review.ts';

/** Number of drafts on a page. */
const pageSize = 10;

/** Maximum bytes of the cards on a page, number of decks to choose from, and warnings of a draft. */
const limits = { cards: 400_000, decks: 1_000, warnings: 20 };

/** Returns what the panel shows of a review. */
export async function viewOf(
  context: Context,
  review: Review,
  page: number,
  notice?: string,
): Promise<ReviewView> {
  const { id, items } = review;
  const common = {
    review: id,
    total: items.length,
    ...(notice !== undefined && { notice }),
    report: reportOf(review),
  };
  if (review.isSaved) return { ...common, ...savedView(items) };
  const pages = Math.max(1, Math.ceil(items.length / pageSize));
  const shown = Math.min(Math.max(page, 0), pages - 1);
  const count = (decision: Item['decision']) => items.filter((item) => item.decision === decision).length;
  return {
    ...common,
    phase: 'open',
    token: review.token,
    counts: { open: count('open'), accepted: count('accepted'), rejected: count('rejected') },
    page: shown,
    pages,
    drafts: await draftViews(context, items.slice(shown * pageSize, (shown + 1) * pageSize)),
    decks: (await context.call('deckNames', {})).slice(0, limits.decks),
  };
}

function savedView(items: readonly Item[]) {
  const accepted = items.filter(({ decision }) => decision === 'accepted');
  const names = [...new Set(accepted.map(({ draft }) => draft.outcome ?? 'failed'))];
  return {
    phase: 'saved' as const,
    outcomes: names.map((name) => ({
      name,
      count: accepted.filter(({ draft }) => (draft.outcome ?? 'failed') === name).length,
    })),
    problems: accepted.flatMap(({ label, draft: { why } }) =>
      why === undefined ? [] : [{ label, why: echo(why) }],
    ),
  };
}

async function draftViews(context: Context, items: readonly Item[]): Promise<DraftView[]> {
  const all = await Promise.all(items.map((item) => draftView(context, item)));
  let left = limits.cards;
  return all.map((view) => {
    left -= sizeOf([view.cards, view.existing?.cards ?? []]);
    if (left >= 0) return view;
    return {
      ...view,
      cards: [],
      warnings: [...view.warnings, 'Its cards are too large to be shown with the others on this page.'],
      ...(view.existing && { existing: { ...view.existing, cards: [] } }),
    };
  });
}

async function draftView(context: Context, item: Item): Promise<DraftView> {
  const { draft, index, label, decision, onDuplicate } = item;
  const { fields, tags, deck } = contentOf(item);
  const noteType = draft.type?.name ?? draft.target?.modelName ?? '';
  const { cards, existing } = (item.shown ??= await shownOf(context, item, noteType));
  return {
    index,
    label,
    decision,
    outcome: draft.outcome ?? 'failed',
    canSave: canSave(item),
    ...(draft.why !== undefined && { why: echo(draft.why, 500) }),
    warnings: draft.warnings.slice(0, limits.warnings).map((warning) => echo(warning)),
    noteType,
    ...(deck !== undefined && { deck }),
    fields: Object.entries(fields).map(([name, html]) => ({ name, html })),
    tags,
    edited: editsOf(item).map(({ name }) => name),
    onDuplicate,
    cards,
    ...(existing && { existing }),
  };
}

async function shownOf(context: Context, { draft, note }: Item, noteType: string) {
  const files = new Map((note.media ?? []).map(({ filename, data = '' }) => [filename.toLowerCase(), data]));
  const fields = { ...draft.allFields, ...draft.withMedia() };
  const cards = await cardsOf(context, { noteType, fields, tags: draft.tags ?? [], files });
  const old = draft.target ?? draft.existing;
  return { cards, ...(old && { existing: await existingView(context, old, draft.existingDeck) }) };
}

async function existingView(context: Context, note: Note, deck: string | undefined) {
  const { noteId, modelName, tags } = note;
  const content = { noteType: modelName, fields: valuesOf(note), tags, files: new Map<string, string>() };
  return {
    id: noteId,
    noteType: modelName,
    ...(deck !== undefined && { deck }),
    cards: await cardsOf(context, content),
  };
}
