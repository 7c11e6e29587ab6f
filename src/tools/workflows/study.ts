import { z } from 'zod';
import { adds } from '../../contract/action.ts';
import type { Output } from '../../contract/index.ts';
import type { Backend } from '../../contract/backend.ts';
import { AnkiRefused } from '../../contract/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { workflow, type Answer, type Context } from '../workflow.ts';
import { answerOf, questionOf } from '../card-text/card-side.ts';
import { toText } from '../card-text/text.ts';
import type { Json } from '../../lib/json.ts';

type Card = Output<'guiCurrentCard'>;

const ratings = ['Again', 'Hard', 'Good', 'Easy'] as const;

interface Session {
  readonly deck: string;
  readonly limit: number;
  readonly started: number;
  readonly answered: { readonly cardId: number; readonly ease: number }[];
  /** The card whose question was shown, and whether its answer was. */
  shown: { readonly cardId: number; revealed: boolean } | undefined;
}

/** Anki has one reviewer, and so has each backend. */
const sessions = new WeakMap<Backend, Session>();

export const study = workflow({
  title: 'Study',
  description:
    "Studies a deck in Anki's own order, one card at a time: start shows a question, reveal its answer, rate takes the user's own rating (1 Again, 2 Hard, 3 Good, 4 Easy) and shows the next. Also undo and stop.",
  annotations: adds,
  input: z.strictObject({
    action: z.enum(['start', 'reveal', 'rate', 'undo', 'stop']),
    deck: z.string().optional().describe('For start'),
    limit: z.int().positive().optional().describe('For start: most cards'),
    rating: z.literal([1, 2, 3, 4]).optional().describe('For rate'),
  }),
  async run(context, { action, deck, limit, rating }) {
    if (action === 'start') return start(context, deck, limit ?? Infinity);
    const session = sessions.get(context.backend);
    if (!session)
      throw new AnkiRefused('No study session is open. Begin one with action "start" and a deck.');
    if (action === 'reveal') return reveal(context, session);
    if (action === 'rate') return rate(context, session, rating);
    return action === 'undo' ? undo(context, session) : stop(context, session);
  },
});

async function start(context: Context, deck: string | undefined, limit: number): Promise<Answer> {
  if (deck === undefined) throw new AnkiRefused('Which deck? Give its full name; deckNames lists them.');
  if (!(await context.call('guiDeckReview', { name: deck }))) {
    const meant = nearest(deck, await context.call('deckNames', {}));
    throw new AnkiRefused(
      `There is no deck "${deck}"${meant === undefined ? '; deckNames lists them' : `; did you mean "${meant}"?`}.`,
    );
  }
  const session: Session = { deck, limit, started: Date.now(), answered: [], shown: undefined };
  sessions.set(context.backend, session);
  return question(context, session);
}

/** Shows the question of the card that Anki's reviewer holds: nothing of its answer, and no field. */
async function question(
  context: Context,
  session: Session,
  more: Record<string, Json> = {},
): Promise<Answer> {
  const card = session.answered.length < session.limit ? await current(context) : undefined;
  if (!card) return finish(context, session, more);
  session.shown = { cardId: card.cardId, revealed: false };
  return {
    result: {
      ...more,
      card: session.answered.length + 1,
      cardId: card.cardId,
      deck: card.deckName,
      question: toText(questionOf(card.question)),
      next: 'Show the question only. When the user has answered: reveal.',
    },
  };
}

async function reveal(context: Context, session: Session): Promise<Answer> {
  const card = await held(context, session);
  if (!card) return movedOn(context, session);
  await context.call('guiShowAnswer', {});
  session.shown = { cardId: card.cardId, revealed: true };
  return {
    result: {
      cardId: card.cardId,
      question: toText(questionOf(card.question)),
      answer: toText(answerOf(card)),
      ratings: Object.fromEntries(
        ratings.map((word, index) => [`${index + 1} ${word}`, bare(card.nextReviews[index] ?? '')]),
      ),
      next: 'Let the user rate, then: rate.',
    },
  };
}

async function rate(context: Context, session: Session, rating: 1 | 2 | 3 | 4 | undefined): Promise<Answer> {
  if (rating === undefined)
    throw new AnkiRefused('Which rating? 1 Again, 2 Hard, 3 Good or 4 Easy, as the user says.');
  if (!session.shown?.revealed) {
    throw new AnkiRefused(
      'The answer of this card was not shown yet: reveal comes before rate. Nothing was rated.',
    );
  }
  const card = await held(context, session);
  if (!card) return movedOn(context, session);
  // From here on the card counts as not revealed: should the answer to this call be lost, it cannot be rated twice.
  session.shown = undefined;
  if (!(await context.call('guiAnswerCard', { ease: rating }))) {
    // Somebody turned the card back in Anki's window.
    return movedOn(context, session);
  }
  session.answered.push({ cardId: card.cardId, ease: rating });
  return question(context, session, { rated: `${rating} ${ratings[rating - 1] ?? ''}` });
}

async function undo(context: Context, session: Session): Promise<Answer> {
  const last = session.answered.at(-1);
  if (!last) throw new AnkiRefused('Nothing was rated in this session yet, so there is nothing to undo.');
  const before = await reviewsOf(context, last.cardId);
  await context.call('guiUndo', {});
  const after = await reviewsOf(context, last.cardId);
  // Anki undoes what came last, whatever it was.
  const undone = after < before;
  if (undone) session.answered.pop();
  await context.call('guiDeckReview', { name: session.deck });
  return question(context, session, {
    undone,
    ...(!undone && {
      warning: 'Anki took back something else, which had been changed since; the rating stands.',
    }),
  });
}

async function stop(context: Context, session: Session): Promise<Answer> {
  await context.call('guiDeckBrowser', {});
  return finish(context, session);
}

function finish({ backend }: Context, session: Session, more: Record<string, Json> = {}): Answer {
  sessions.delete(backend);
  const { answered, deck, limit, started } = session;
  const again = answered.filter(({ ease }) => ease === 1).map(({ cardId }) => cardId);
  return {
    result: {
      ...more,
      done: answered.length >= limit ? 'The limit is reached.' : 'The session is over; start opens another.',
      deck,
      studied: answered.length,
      ratings: Object.fromEntries(
        ratings.map((word, index) => [word, answered.filter(({ ease }) => ease === index + 1).length]),
      ),
      minutes: Math.round((Date.now() - started) / 6000) / 10,
      ...(again.length > 0 && { again: [...new Set(again)] }),
    },
  };
}

/** The card in the reviewer; undefined where none is shown. */
async function current({ call }: Context): Promise<Card | undefined> {
  return (await call('guiReviewActive', {})) ? call('guiCurrentCard', {}) : undefined;
}

/** The card in the reviewer, if it is still the one whose question was shown. */
async function held(context: Context, { shown }: Session): Promise<Card | undefined> {
  const card = await current(context);
  return card && card.cardId === shown?.cardId ? card : undefined;
}

async function movedOn(context: Context, session: Session): Promise<Answer> {
  const warning =
    'Anki shows another card or side by now: somebody studied there meanwhile. Nothing was rated.';
  return question(context, session, { warning });
}

async function reviewsOf({ call }: Context, cardId: number): Promise<number> {
  const reviews = await call('getReviewsOfCards', { cards: [cardId] });
  return reviews[String(cardId)]?.length ?? 0;
}

/** Without the invisible marks that Anki puts around numbers. */
const bare = (text: string): string => text.replace(/[\u2068\u2069]/g, '');
