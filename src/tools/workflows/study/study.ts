import { z } from 'zod';
import { adds } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { cutToBytes } from '../../../lib/cut.ts';
import { limit as limitSchema } from '../../action-call.ts';
import { seenAnswer, seenQuestion } from '../../card-text/card-page.ts';
import { workflow, type Context, type Data, type JsonResult } from '../../workflow.ts';
import { noSuchDeck } from '../deck-name.ts';
import {
  brokenCards,
  cardAfter,
  currentCard,
  isReadable,
  rateCard,
  storedCard,
  undoRating,
} from './reviewer.ts';
import {
  afterLastAction,
  openSession,
  openSessionOf,
  ownSession,
  refuseOther,
  type Session,
} from './session.ts';

const ratingNames = ['Again', 'Hard', 'Good', 'Easy'] as const;

const output = z.looseObject({
  cardId: z.int().optional(),
  question: z.string().optional(),
  answer: z.string().optional(),
  ratings: z.record(z.string(), z.unknown()).optional(),
  warning: z.string().optional(),
  done: z.string().optional(),
  studied: z.int().optional().describe('Cards'),
  minutes: z.number().optional(),
});

const input = z.strictObject({
  action: z.enum(['start', 'reveal', 'rate', 'undo', 'stop']),
  deck: z.string().optional().describe('For start'),
  limit: limitSchema.optional().describe('For start: maximum cards'),
  card: z.int().optional().describe('For reveal and rate: cardId of the question'),
  rating: z.literal([1, 2, 3, 4]).optional().describe('For rate'),
});

type Input = z.output<typeof input>;

type Step = JsonResult<Data<typeof output>>;

/** What the call did before it returns the next question or the summary. */
interface LastAction {
  readonly rated?: string;
  readonly undone?: boolean;
  readonly warning?: string;
}

export const study = workflow({
  title: 'Study',
  description:
    "Studies a deck in Anki's own order, one card at a time: start shows a question, reveal its answer, rate takes the user's own rating (1 Again, 2 Hard, 3 Good, 4 Easy) and shows the next. Also undo and stop.",
  annotations: adds,
  input,
  output,
  run: (context, action) => afterLastAction(context, () => act(context, action)),
});

async function act(context: Context, { action, deck, limit, card, rating }: Input): Promise<Step> {
  context.signal?.throwIfAborted();
  if (action === 'start') return start(context, deck, limit ?? Infinity);
  if (action === 'stop') return stop(context, openSessionOf(context));
  const session = ownSession(context, action === 'undo');
  if (action === 'undo') return undo(context, session);
  if (card !== undefined && session.shown && card !== session.shown.cardId) {
    throw new AnkiRefused(
      `Nothing was changed: card ${card} is not the one whose question was shown last; that is card ${session.shown.cardId}.`,
    );
  }
  return action === 'reveal' ? reveal(context, session) : rate(context, session, rating);
}

/** Maximum number of card ids in the summary of a session. */
const maxAgain = 200;

/** Returns a side of a card as text. Both sides of a card fit into the byte limit. */
const side = async ({ budget }: Context, seen: Promise<string>): Promise<string> =>
  cutToBytes(await seen, Math.floor(budget * 0.4));

async function start(context: Context, deck: string | undefined, limit: number): Promise<Step> {
  if (deck === undefined)
    throw new AnkiRefused('start needs deck: pass the full name of a deck. deckNames lists them.');
  refuseOther(context);
  if (!(await context.call('guiDeckReview', { name: deck }))) {
    throw noSuchDeck(deck, await context.call('deckNames', {}));
  }
  return showQuestion(context, openSession(context, deck, limit));
}

/** Returns the question of the card in Anki's reviewer, without its answer and fields. */
async function showQuestion(
  context: Context,
  session: Session,
  lastAction: LastAction = {},
  ratedId?: number,
): Promise<Step> {
  session.shown = undefined;
  if (session.answered.length >= session.limit) return finish(session, lastAction);
  const card = await cardAfter(context, ratedId);
  if (card === undefined) return finish(session, lastAction);
  if (!isReadable(card)) return showBroken(context, session, lastAction, card.reason);
  const stored = await storedCard(context, card.cardId);
  const sides = typeof stored === 'object' ? stored : card;
  session.shown = { cardId: card.cardId, revealed: false, reps: undefined };
  return {
    result: {
      ...lastAction,
      card: session.answered.length + 1,
      cardId: card.cardId,
      deck: card.deckName,
      question: await side(context, seenQuestion(sides)),
      next: 'Show the question only. When the user has answered: reveal.',
    },
  };
}

/** Says that Anki cannot show the card that is next. The session stays open. */
async function showBroken(
  context: Context,
  session: Session,
  lastAction: LastAction,
  reason: string,
): Promise<Step> {
  const broken = await brokenCards(context, session.deck);
  const warning = `Anki cannot show the next card: ${reason}`;
  return {
    result: {
      ...lastAction,
      warning: [lastAction.warning, warning].filter(Boolean).join(' '),
      broken,
      next: 'Tell the user. Repair or suspend the cards in broken (viewCards shows what is wrong with them), then reveal shows the next question. Or stop.',
    },
  };
}

async function reveal(context: Context, session: Session): Promise<Step> {
  const { shown } = session;
  if (!shown) {
    // The last card was rated, but the next one could not be shown.
    await context.call('guiDeckReview', { name: session.deck });
    return showQuestion(context, session);
  }
  const card = await currentCard(context);
  if (!isReadable(card) || card.cardId !== shown.cardId)
    return cardChanged(context, session, shown.cardId, 'No answer was shown');
  const stored = await storedCard(context, card.cardId);
  if (stored === 'deleted') return cardChanged(context, session, shown.cardId, 'No answer was shown');
  if (!(await context.call('guiShowAnswer', {})))
    return cardChanged(context, session, shown.cardId, 'No answer was shown');
  session.shown = { cardId: card.cardId, revealed: true, reps: stored?.reps };
  const sides = stored ?? card;
  return {
    result: {
      cardId: card.cardId,
      question: await side(context, seenQuestion(sides)),
      answer: await side(context, seenAnswer(sides)),
      ratings: Object.fromEntries(
        ratingNames.map((name, index) => [
          `${index + 1} ${name}`,
          withoutInvisible(card.nextReviews[index] ?? ''),
        ]),
      ),
      next: 'Let the user rate, then: rate.',
    },
  };
}

async function rate(context: Context, session: Session, rating: Input['rating']): Promise<Step> {
  if (rating === undefined)
    throw new AnkiRefused(
      'rate needs rating: 1 Again, 2 Hard, 3 Good or 4 Easy. Ask the user; do not choose it yourself.',
    );
  const { shown } = session;
  if (!shown?.revealed) {
    throw new AnkiRefused(
      'Nothing was rated: the answer of this card has not been shown. Call reveal before rate.',
    );
  }
  const { cardId } = shown;
  const card = await currentCard(context);
  if (!isReadable(card) || card.cardId !== cardId)
    return cardChanged(context, session, cardId, 'Nothing was rated');
  // From here on the card counts as not revealed: if the reply to this call is lost, it cannot be rated twice.
  session.shown = undefined;
  if (!(await rateCard(context, shown, rating)))
    return cardChanged(context, session, cardId, 'Nothing was rated');
  session.answered.push({ cardId, ease: rating });
  return showQuestion(context, session, { rated: `${rating} ${ratingNames[rating - 1] ?? ''}` }, cardId);
}

async function undo(context: Context, session: Session): Promise<Step> {
  const last = session.answered.at(-1);
  if (!last) throw new AnkiRefused('There is nothing to undo: no card was rated in this session.');
  // Anki undoes the last change, which may not be the rating.
  const undone = await undoRating(context, last.cardId);
  session.ended = false;
  if (undone) session.answered.pop();
  await context.call('guiDeckReview', { name: session.deck });
  return showQuestion(context, session, {
    undone,
    ...(!undone && {
      warning: 'Anki undid a later change instead of the rating. The rating is unchanged.',
    }),
  });
}

async function stop(context: Context, session: Session): Promise<Step> {
  await context.call('guiDeckBrowser', {});
  const isOwn = session.client === context.session;
  return finish(session, isOwn ? {} : { warning: 'This was the session of another client.' });
}

function finish(session: Session, lastAction: LastAction = {}): Step {
  session.ended = true;
  session.shown = undefined;
  const { answered, deck, limit, started } = session;
  const again = answered.filter(({ ease }) => ease === 1).map(({ cardId }) => cardId);
  return {
    result: {
      ...lastAction,
      done: answered.length >= limit ? 'The limit is reached.' : 'The session is over; start opens another.',
      deck,
      studied: answered.length,
      ratings: Object.fromEntries(
        ratingNames.map((name, index) => [name, answered.filter(({ ease }) => ease === index + 1).length]),
      ),
      minutes: Math.round((Date.now() - started) / 6000) / 10,
      ...(again.length > 0 && { again: [...new Set(again)].slice(0, maxAgain) }),
    },
  };
}

/** Goes on with another question after the shown card was deleted or Anki went on to another card or side. */
async function cardChanged(
  context: Context,
  session: Session,
  cardId: number,
  consequence: string,
): Promise<Step> {
  const isDeleted = (await storedCard(context, cardId)) === 'deleted';
  // Anki's window keeps a deleted card until the review starts again.
  if (isDeleted) await context.call('guiDeckReview', { name: session.deck });
  const reason = isDeleted
    ? `card ${cardId} was deleted in the meantime`
    : `Anki's reviewer does not show card ${cardId} or its answer any more`;
  return showQuestion(context, session, { warning: `${consequence}: ${reason}.` });
}

/** Removes the invisible characters that Anki puts around numbers. */
const withoutInvisible = (text: string): string => text.replace(/[\u2068\u2069]/g, '');
