import { z } from 'zod';
import { adds } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { ReviewView } from '../../../contract/panels/review.ts';
import { optionalOrEmpty } from '../../../contract/schemas.ts';
import { newToken } from '../../panel-states.ts';
import { panelWorkflow, type Context } from '../../workflow.ts';
import { checkItems, preview } from './check-items.ts';
import { edited } from './content.ts';
import { canSave, reviews, type Item, type Review } from './review.ts';
import { saveAccepted } from './save-accepted.ts';
import { viewOf } from './view.ts';

const input = z.strictObject({
  action: z.enum(['show', 'decide', 'acceptAll', 'edit', 'duplicate', 'save']),
  review: z.string(),
  token: z.string().optional().describe('Of the view that the user sees; for all but show'),
  page: z.int().min(0).optional(),
  index: z.int().min(0).optional(),
  decision: z.enum(['open', 'accepted', 'rejected']).optional(),
  onDuplicate: z.enum(['skip', 'update', 'add']).optional(),
  fields: z.record(z.string(), z.string()).optional(),
  tags: optionalOrEmpty(z.string()),
  deckName: z.string().optional(),
});

type Input = z.output<typeof input>;

export const reviewPanel = panelWorkflow({
  title: 'Review panel',
  description: 'Carries out what the user does in the review panel, and returns what the panel shows.',
  annotations: { ...adds, destructiveHint: true },
  input,
  ui: { panel: 'review', appOnly: true },
  async run(context, request) {
    const review = reviews.get(request.review);
    if (!review) throw noReview;
    // The host may send the calls of a panel over its own connection.
    const here = { ...context, session: review.client };
    return { view: await review.afterLast(() => carryOut(here, review, request)) };
  },
});

const noReview = new AnkiRefused(
  'This review is over: the server was restarted, the chat has ended, or newer reviews took its place. Drafts that were not saved are lost. Ask for a new review in the chat.',
);

const stale = 'Nothing was changed: the drafts have changed in another place. This is how they are now.';

async function carryOut(context: Context, review: Review, request: Input): Promise<ReviewView> {
  const { action, page = 0, token } = request;
  if (action === 'show') return viewOf(context, review, page);
  if (token === undefined || token !== review.token)
    return viewOf(context, review, page, review.isSaved ? undefined : stale);
  // A token permits one action, also if that fails.
  review.token = newToken();
  const notice = await change(context, review, request);
  return viewOf(context, review, page, notice);
}

/** Carries out an action. Returns what the user should know. */
async function change(context: Context, review: Review, request: Input): Promise<string | undefined> {
  const { action, decision = 'open', onDuplicate = 'skip' } = request;
  if (action === 'save') return save(context, review);
  if (action === 'acceptAll') {
    const all = review.items.filter((item) => item.decision === 'open' && canSave(item));
    for (const each of all) each.decision = 'accepted';
    return undefined;
  }
  const item = review.items[request.index ?? -1];
  if (!item) throw new AnkiRefused('Nothing was changed: the review has no such draft.');
  if (action === 'decide') return decide(context, review, item, decision);
  const { note, onDuplicate: before } = item;
  if (action === 'duplicate') item.onDuplicate = onDuplicate;
  if (action === 'edit') item.note = editedBy(item, request);
  try {
    await recheck(context, review, [item]);
  } catch (error) {
    Object.assign(item, { note, onDuplicate: before });
    throw error;
  }
  if (!canSave(item) && item.decision === 'accepted') item.decision = 'open';
  return undefined;
}

const editedBy = (item: Item, { fields, tags, deckName }: Input): Item['note'] =>
  edited(item, {
    ...(fields && { fields }),
    ...(tags !== undefined && { tags }),
    ...(deckName !== undefined && { deck: deckName }),
  });

const recheck = async (context: Context, { settings }: Review, items: readonly Item[]): Promise<void> =>
  preview(context, await checkItems(context, settings, items));

async function decide(
  context: Context,
  review: Review,
  item: Item,
  decision: Item['decision'],
): Promise<string | undefined> {
  // The draft that it repeats may have been rejected meanwhile.
  if (decision === 'accepted' && item.draft.outcome === 'twiceInCall')
    await recheck(context, review, [...review.items.filter((each) => each.decision === 'accepted'), item]);
  if (decision === 'accepted' && !canSave(item))
    return `${item.label} cannot be accepted: saving it would change nothing. ${item.draft.why ?? ''}`.trim();
  item.decision = decision;
  return undefined;
}

async function save(context: Context, review: Review): Promise<string | undefined> {
  const accepted = review.items.filter(({ decision }) => decision === 'accepted');
  if (accepted.length === 0) return 'Nothing was saved: no draft is accepted.';
  const saving = await saveAccepted(context, review.settings, accepted);
  if ('changed' in saving) {
    for (const item of saving.changed) item.decision = 'open';
    const labels = saving.changed.map(({ label }) => label).join(', ');
    return `Nothing was saved: the collection has changed. Check these drafts again: ${labels}.`;
  }
  review.isSaved = true;
  return undefined;
}
