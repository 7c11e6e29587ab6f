import { z } from 'zod';
import { adds } from '../../contract/action.ts';
import type { Output } from '../../contract/index.ts';
import type { Backend } from '../../contract/backend.ts';
import { AnkiRefused } from '../../contract/errors.ts';
import { limit as limitSchema } from '../action-call.ts';
import { answerOf, questionOf } from '../card-text/card-side.ts';
import { toText } from '../card-text/text.ts';
import { workflow, type Context, type Data, type JsonResult } from '../workflow.ts';
import { noSuchDeck } from './deck-name.ts';

type ReviewerCard = Output<'guiCurrentCard'>;

const ratingNames = ['Again', 'Hard', 'Good', 'Easy'] as const;

interface Session {
  readonly deck: string;
  /** Maximum number of cards. */
  readonly limit: number;
  readonly started: number;
  readonly answered: { readonly cardId: number; readonly ease: number }[];
  /** The card whose question was shown, and whether its answer was shown too. */
  shown: { readonly cardId: number; revealed: boolean } | undefined;
  /** True after the last card or stop: then only undo is possible, which continues the session. */
  ended: boolean;
}

/** The session of each backend: Anki has one reviewer. */
const sessions = new WeakMap<Backend, Session>();

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
  input: z.strictObject({
    action: z.enum(['start', 'reveal', 'rate', 'undo', 'stop']),
    deck: z.string().optional().describe('For start'),
    limit: limitSchema.optional().describe('For start: maximum cards'),
    rating: z.literal([1, 2, 3, 4]).optional().describe('For rate'),
  }),
  output,
  async run(context, { action, deck, limit, rating }) {
    if (action === 'start') return start(context, deck, limit ?? Infinity);
    const session = sessions.get(context.backend);
    if (!session || (session.ended && action !== 'undo'))
      throw new AnkiRefused('No study session is open. Start one with action "start" and a deck.');
    if (action === 'reveal') return reveal(context, session);
    if (action === 'rate') return rate(context, session, rating);
    return action === 'undo' ? undo(context, session) : stop(context, session);
  },
});

async function start(context: Context, deck: string | undefined, limit: number): Promise<Step> {
  if (deck === undefined)
    throw new AnkiRefused('start needs deck: pass the full name of a deck. deckNames lists them.');
  if (!(await context.call('guiDeckReview', { name: deck }))) {
    throw noSuchDeck(deck, await context.call('deckNames', {}));
  }
  const session: Session = { deck, limit, started: Date.now(), answered: [], shown: undefined, ended: false };
  sessions.set(context.backend, session);
  return showQuestion(context, session);
}

/** Returns the question of the card in Anki's reviewer, without its answer and fields. */
async function showQuestion(context: Context, session: Session, lastAction: LastAction = {}): Promise<Step> {
  const card = session.answered.length < session.limit ? await currentCard(context) : undefined;
  if (!card) return finish(session, lastAction);
  session.shown = { cardId: card.cardId, revealed: false };
  return {
    result: {
      ...lastAction,
      card: session.answered.length + 1,
      cardId: card.cardId,
      deck: card.deckName,
      question: toText(questionOf(card.question)),
      next: 'Show the question only. When the user has answered: reveal.',
    },
  };
}

async function reveal(context: Context, session: Session): Promise<Step> {
  const card = await shownCard(context, session);
  if (!card) return cardChanged(context, session);
  await context.call('guiShowAnswer', {});
  session.shown = { cardId: card.cardId, revealed: true };
  return {
    result: {
      cardId: card.cardId,
      question: toText(questionOf(card.question)),
      answer: toText(answerOf(card)),
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

async function rate(context: Context, session: Session, rating: 1 | 2 | 3 | 4 | undefined): Promise<Step> {
  if (rating === undefined)
    throw new AnkiRefused(
      'rate needs rating: 1 Again, 2 Hard, 3 Good or 4 Easy. Ask the user; do not choose it yourself.',
    );
  if (!session.shown?.revealed) {
    throw new AnkiRefused(
      'Nothing was rated: the answer of this card has not been shown. Call reveal before rate.',
    );
  }
  const card = await shownCard(context, session);
  if (!card) return cardChanged(context, session);
  // From here on the card counts as not revealed: if the reply to this call is lost, it cannot be rated twice.
  session.shown = undefined;
  if (!(await context.call('guiAnswerCard', { ease: rating }))) {
    // Somebody went back to the question in Anki's window.
    return cardChanged(context, session);
  }
  session.answered.push({ cardId: card.cardId, ease: rating });
  return showQuestion(context, session, { rated: `${rating} ${ratingNames[rating - 1] ?? ''}` });
}

async function undo(context: Context, session: Session): Promise<Step> {
  const last = session.answered.at(-1);
  if (!last) throw new AnkiRefused('There is nothing to undo: no card was rated in this session.');
  const before = await countReviews(context, last.cardId);
  await context.call('guiUndo', {});
  session.ended = false;
  const after = await countReviews(context, last.cardId);
  // Anki undoes the last change, which may not be the rating.
  const undone = after < before;
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
  return finish(session);
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
      ...(again.length > 0 && { again: [...new Set(again)] }),
    },
  };
}

/** Returns the card in the reviewer, or undefined if the reviewer is closed. */
async function currentCard({ call }: Context): Promise<ReviewerCard | undefined> {
  return (await call('guiReviewActive', {})) ? call('guiCurrentCard', {}) : undefined;
}

/** Returns the card in the reviewer if it is still the one whose question was shown. */
async function shownCard(context: Context, { shown }: Session): Promise<ReviewerCard | undefined> {
  const card = await currentCard(context);
  return card && card.cardId === shown?.cardId ? card : undefined;
}

async function cardChanged(context: Context, session: Session): Promise<Step> {
  const warning =
    'Nothing was rated: Anki shows another card or side now, because somebody used it in the meantime.';
  return showQuestion(context, session, { warning });
}

async function countReviews({ call }: Context, cardId: number): Promise<number> {
  const reviews = await call('getReviewsOfCards', { cards: [cardId] });
  return reviews[String(cardId)]?.length ?? 0;
}

/** Removes the invisible characters that Anki puts around numbers. */
const withoutInvisible = (text: string): string => text.replace(/[\u2068\u2069]/g, '');
