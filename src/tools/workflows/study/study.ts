import { z } from 'zod';
import { adds } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { limit as limitSchema } from '../../action-call.ts';
import { workflow, type Context } from '../../workflow.ts';
import { bury, rateSeveral, reveal, rate, skip, start, stop, undo } from './steps.ts';
import { afterLastAction, openSessionOf, ownSession, remember, sessionOf } from './session.ts';
import { output, type Step } from './step.ts';

const rating = z.literal([1, 2, 3, 4]);

/** Maximum number of answers that are rated in one call. */
const maxRatings = 50;

const input = z.strictObject({
  action: z.enum(['start', 'reveal', 'rate', 'skip', 'bury', 'undo', 'stop']),
  deck: z.string().optional().describe('For start'),
  only: z.enum(['due', 'new', 'all']).optional().describe("For start; default: Anki's mix"),
  query: z.string().optional().describe('For start: Anki search'),
  limit: limitSchema.optional().describe('For start'),
  card: z.int().optional().describe('cardId of the question'),
  rating: rating.optional(),
  ratings: z
    .array(z.strictObject({ card: z.int(), rating }))
    .max(maxRatings)
    .optional()
    .describe('For rate: answers known in advance'),
});

type Input = z.output<typeof input>;

export const study = workflow({
  title: 'Study',
  description:
    "Studies a deck or search, one card at a time: start shows a question, reveal its answer, rate takes the user's own rating (1 Again, 2 Hard, 3 Good, 4 Easy) and shows the next. skip shows it later. Also undo, stop.",
  annotations: adds,
  input,
  output,
  ui: { panel: 'study' },
  run: (context, action) =>
    afterLastAction(context, async () => {
      const step = await act(context, action);
      const session = sessionOf(context);
      return session ? remember(session, step) : step;
    }),
});

/** Carries out an action of the model or of the panel. */
export async function act(
  context: Context,
  { action, card, rating: ease, ratings, ...choice }: Input,
): Promise<Step> {
  context.signal?.throwIfAborted();
  if (action === 'start') return start(context, choice);
  if (action === 'stop') return stop(context, openSessionOf(context));
  const session = ownSession(context, action === 'undo');
  if (action === 'undo') return undo(context, session);
  if (action === 'rate' && ratings !== undefined) {
    if (card !== undefined || ease !== undefined)
      throw new AnkiRefused('Nothing was rated: pass either ratings, or card and rating.');
    return rateSeveral(context, session, ratings);
  }
  if (card !== undefined && session.shown && card !== session.shown.cardId) {
    throw new AnkiRefused(
      `Nothing was changed: card ${card} is not the one whose question was shown last; that is card ${session.shown.cardId}.`,
    );
  }
  if (action === 'reveal') return reveal(context, session);
  if (action === 'bury') return bury(context, session);
  return action === 'skip' ? skip(context, session) : rate(context, session, ease);
}
