import { z } from 'zod';
import { adds } from '../../../../contract/action.ts';
import { AnkiRefused } from '../../../../contract/errors.ts';
import type { StudyReply } from '../../../../contract/panels/study.ts';
import { panelWorkflow, type Context } from '../../../workflow.ts';
import { afterLastAction, remember, sessionOf, type Session } from '../session.ts';
import { act } from '../study.ts';
import { sameView, viewOf } from './view.ts';

/** Maximum characters of a typed answer and of a comment. */
const maxTyped = 2_000;

const input = z.strictObject({
  action: z.enum(['show', 'reveal', 'rate', 'undo', 'bury', 'flag', 'comment', 'stop']),
  session: z.string().optional(),
  version: z.int().optional().describe('Of the view that the user sees; for all but show'),
  rating: z.literal([1, 2, 3, 4]).optional(),
  flag: z.int().min(0).max(7).optional(),
  text: z.string().max(maxTyped).optional().describe('The typed answer, or the comment'),
});

type Input = z.output<typeof input>;

export const studyPanel = panelWorkflow({
  title: 'Study panel',
  description: 'Carries out what the user does in the study panel, and returns what the panel shows.',
  annotations: adds,
  input,
  ui: { panel: 'study', appOnly: true },
  run: (context, request) =>
    afterLastAction(context, async () => ({ view: await carryOut(context, request) })),
});

async function carryOut(context: Context, request: Input): Promise<StudyReply> {
  const { action } = request;
  const session = sessionOf(context, request.session);
  if (!session) throw noSession;
  if (action === 'show') return viewOf(context, session);
  if (request.version !== session.version) return viewOf(context, session, stale);
  // The host may send the calls of a panel over a connection of its own.
  await change({ ...context, session: session.client }, session, request);
  return action === 'flag' || action === 'comment' ? sameView(context, session) : viewOf(context, session);
}

const noSession = new AnkiRefused(
  'This study session is over, because the server has started again or another session was started. Ask for a new one in the chat.',
);

const stale = 'Nothing was changed: the session has gone on in another place. This is where it is now.';

async function change(context: Context, session: Session, request: Input): Promise<void> {
  const { action, rating, flag, text } = request;
  if (action === 'flag') return setFlag(context, session, flag ?? 0);
  if (action === 'comment') return comment(session, text ?? '');
  if (action === 'show') return;
  const cardId = session.shown?.cardId;
  remember(session, await act(context, { action, ...(rating !== undefined && { rating }) }));
  // Kept for a panel that is shown again.
  if (action === 'reveal' && session.shown?.cardId === cardId && session.shown)
    session.shown = { ...session.shown, typed: text };
}

async function setFlag({ call }: Context, session: Session, flag: number): Promise<void> {
  const { shown } = session;
  if (!shown) throw new AnkiRefused('Nothing was flagged: no card is shown.');
  const { cardId, card } = shown;
  await call('setSpecificValueOfCard', { card: cardId, keys: ['flags'], newValues: [flag] });
  session.shown = { ...shown, card: { ...card, flags: flag } };
}

function comment({ shown, comments }: Session, text: string): void {
  if (!shown) throw new AnkiRefused('Nothing was noted: no card is shown.');
  if (text.trim() === '') comments.delete(shown.cardId);
  else comments.set(shown.cardId, text.trim());
}
