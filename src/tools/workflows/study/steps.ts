import { AnkiRefused } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import type { Context } from '../../workflow.ts';
import { noSuchDeck } from '../deck-name.ts';
import { findBroken } from './broken-cards.ts';
import { buryCard } from './bury.ts';
import { isReadable, stateOf, type Ease, type NextCard } from './card-source.ts';
import { ChosenCards, type Choice } from './chosen-cards.ts';
import { rateKnown, type KnownRating, type Outcome } from './known-ratings.ts';
import { Reviewer, storedCard } from './reviewer.ts';
import { openSession, refuseOther, type Session } from './session.ts';
import { bothSides, questionSide } from './sides.ts';
import type { Step } from './step.ts';
import { rateAsStep, undoRating, type UndoneRating } from './undo-rating.ts';

export const ratingNames = ['Again', 'Hard', 'Good', 'Easy'] as const;

const nameOf = (ease: Ease): string => `${ease} ${ratingNames[ease - 1] ?? ''}`;

/** What the call did before it returns the next question or the summary. */
interface LastAction {
  readonly order?: string;
  readonly rated?: string;
  readonly outcomes?: readonly Outcome[];
  readonly undone?: boolean;
  readonly buried?: number;
  readonly warning?: string;
}

const warned = (action: LastAction, warning: string): LastAction => ({
  ...action,
  warning: [action.warning, warning].filter(Boolean).join(' '),
});

/** Maximum number of card ids in the summary of a session. */
const maxAgain = 200;

/** Where the next card comes from. */
const sourceOf = ({ source, detour }: Session) => detour ?? source;

export async function start(
  context: Context,
  { limit = Infinity, ...choice }: Choice & { readonly limit?: number | undefined },
): Promise<Step> {
  const { deck, query, only = 'all' } = choice;
  if (deck === undefined && query === undefined)
    throw new AnkiRefused(
      'start needs deck or query: pass the full name of a deck (deckNames lists them), or an Anki search.',
    );
  refuseOther(context);
  const isChosen = deck === undefined || query !== undefined || only !== 'all';
  const source = isChosen ? new ChosenCards(choice) : new Reviewer(deck);
  if (!(await source.open(context))) throw noSuchDeck(deck ?? '', await context.call('deckNames', {}));
  return showQuestion(context, openSession(context, choice, source, limit), { order: source.order });
}

/** Returns the next card. After the last card of a detour, the session goes on with its own source. */
async function nextCard(context: Context, session: Session, ratedId?: number): Promise<NextCard | undefined> {
  if (session.detour) {
    const next = await session.detour.next(context);
    if (next) return next;
    session.detour = undefined;
    await session.source.open(context);
  }
  return session.source.next(context, ratedId);
}

/** Returns the question of the next card, without its answer and fields. */
async function showQuestion(
  context: Context,
  session: Session,
  lastAction: LastAction = {},
  { rated, skipped }: { readonly rated?: number | undefined; readonly skipped?: number } = {},
): Promise<Step> {
  session.shown = undefined;
  if (session.answered.length >= session.limit) return finish(session, lastAction);
  const next = await nextCard(context, session, rated);
  if (next === undefined) return finish(session, lastAction);
  const { card, left } = next;
  if (!isReadable(card)) return showBroken(context, session, lastAction, card.reason);
  const { question, content, remarks, media } = await questionSide(context, card);
  session.shown = { cardId: card.cardId, card, left, revealed: false, reps: undefined, media };
  const state = stateOf(card);
  return {
    result: {
      ...(card.cardId === skipped
        ? warned(lastAction, 'No other card is left: this is the skipped one again.')
        : lastAction),
      card: session.answered.length + 1,
      cardId: card.cardId,
      deck: card.deckName,
      ...(state !== undefined && { state }),
      ...(left && { left: { ...left } }),
      question,
      ...(remarks.length > 0 && { remarks }),
      next: `Show the question only. When the user has answered: reveal.${context.hasPanels ? ` ${inPanel}` : ''}`,
    },
    content,
  };
}

/** A host that shows panels may still not show this one. */
const inPanel = 'If the user sees a study panel, wait: the user studies there.';

/** Says that Anki cannot show the card that is next. The session stays open. */
async function showBroken(
  context: Context,
  session: Session,
  lastAction: LastAction,
  reason: string,
): Promise<Step> {
  const broken = await findBroken(context, session.choice.deck);
  return {
    result: {
      ...warned(lastAction, `Anki cannot show the next card: ${reason}`),
      broken,
      next: 'Tell the user. Repair or suspend the cards in broken (viewCards shows what is wrong with them), then reveal shows the next question. Or stop.',
    },
  };
}

export async function reveal(context: Context, session: Session): Promise<Step> {
  const { shown } = session;
  if (!shown) {
    // The last card was rated, but the next one could not be shown.
    await sourceOf(session).open(context);
    return showQuestion(context, session);
  }
  const card = await sourceOf(session).reveal(context, shown);
  if (!card) return cardChanged(context, session, shown.cardId, 'No answer was shown');
  session.shown = { ...shown, card, revealed: true, reps: card.reps };
  const { question, answer, content, remarks } = await bothSides(context, card, shown.media);
  session.questions.set(card.cardId, question);
  return {
    result: {
      cardId: card.cardId,
      question,
      answer,
      ...(remarks.length > 0 && { remarks }),
      ratings: Object.fromEntries(
        ratingNames.map((name, index) => [
          `${index + 1} ${name}`,
          withoutInvisible(card.nextReviews[index] ?? ''),
        ]),
      ),
      next: 'Let the user rate, then: rate.',
    },
    content,
  };
}

export async function rate(context: Context, session: Session, rating: Ease | undefined): Promise<Step> {
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
  const source = sourceOf(session);
  if (!(await source.isWaiting(context, shown)))
    return cardChanged(context, session, cardId, 'Nothing was rated');
  // From here on the card counts as not revealed: if the reply to this call is lost, it cannot be rated twice.
  session.shown = undefined;
  const { rated, stored } = await rateAsStep(context, cardId, (writing) =>
    source.rate(writing, shown, rating),
  );
  if (!rated) return cardChanged(context, session, cardId, 'Nothing was rated');
  session.answered.push({ cardId, ease: rating, stored, reps: shown.reps });
  return showNext(context, session, { rated: nameOf(rating) }, { rated: cardId });
}

/** Rates cards whose answers the user knew in advance, and shows the next question. */
export async function rateSeveral(
  context: Context,
  session: Session,
  ratings: readonly KnownRating[],
): Promise<Step> {
  session.shown = undefined;
  // Anki's reviewer must not show a card that is rated beside it.
  await context.call('guiDeckBrowser', {});
  const { outcomes, rated } = await rateKnown(context, session.choice, ratings);
  session.answered.push(...rated);
  return showNext(context, session, { outcomes }, { reopen: true });
}

/** Shows the next question after a rating. If that fails, the result still says what was rated. */
async function showNext(
  context: Context,
  session: Session,
  lastAction: LastAction,
  { reopen = false, rated }: { readonly reopen?: boolean; readonly rated?: number },
): Promise<Step> {
  try {
    if (reopen) await sourceOf(session).open(context);
    return await showQuestion(context, session, lastAction, { rated });
  } catch (error) {
    context.signal?.throwIfAborted();
    const warning = `The next question could not be read: ${messageOf(error)} reveal tries again.`;
    return { result: { ...warned(lastAction, warning) } };
  }
}

/** Shows another card. Anki's reviewer has no such step, so the cards come from a search until only skipped ones are left. */
export async function skip(context: Context, session: Session): Promise<Step> {
  const { shown } = session;
  if (!shown) throw new AnkiRefused('Nothing was skipped: no question is shown. reveal shows the next one.');
  if (session.source.skip) session.source.skip(shown.cardId);
  else {
    if (!session.detour) {
      session.detour = new ChosenCards(session.choice, false);
      await session.detour.open(context);
    }
    session.detour.skip(shown.cardId);
  }
  return showQuestion(context, session, {}, { skipped: shown.cardId });
}

/** Takes the shown card out of study until tomorrow, and shows the next one. */
export async function bury(context: Context, session: Session): Promise<Step> {
  const { shown } = session;
  if (!shown) throw new AnkiRefused('Nothing was buried: no question is shown. reveal shows the next one.');
  await buryCard(context, shown.cardId);
  session.shown = undefined;
  return showNext(context, session, { buried: shown.cardId }, {});
}

export async function undo(context: Context, session: Session): Promise<Step> {
  const last = session.answered.at(-1);
  if (!last) throw new AnkiRefused('There is nothing to undo: no card was rated in this session.');
  const { cardId } = last;
  const outcome = await undoRating(context, last);
  const undone = outcome !== 'another step undone';
  const warning = undoWarnings[outcome];
  session.ended = false;
  if (undone) session.answered.pop();
  await sourceOf(session).open(context, undone ? cardId : undefined);
  return showQuestion(context, session, { undone, ...(warning !== undefined && { warning }) });
}

const undoWarnings: Readonly<Partial<Record<UndoneRating, string>>> = {
  'undone before': 'The rating was undone already, so nothing else was undone now.',
  'another step undone':
    'Anki undid a later change instead of the rating, which is unchanged. Tell the user: Edit > Redo in Anki brings that change back.',
};

export async function stop(context: Context, session: Session): Promise<Step> {
  await context.call('guiDeckBrowser', {});
  const isOwn = session.client === context.session;
  return finish(session, isOwn ? {} : { warning: 'This was the session of another client.' });
}

function finish(session: Session, lastAction: LastAction = {}): Step {
  session.ended = true;
  session.shown = undefined;
  const { answered, choice, limit, started } = session;
  const { deck, query } = choice;
  const again = answered.filter(({ ease }) => ease === 1).map(({ cardId }) => cardId);
  return {
    result: {
      ...lastAction,
      done: answered.length >= limit ? 'The limit is reached.' : 'The session is over; start opens another.',
      ...(deck !== undefined && { deck }),
      ...(query !== undefined && { query }),
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
  const source = sourceOf(session);
  // Anki's window keeps a deleted card until the review starts again.
  const hasDeck = !isDeleted || (await source.open(context));
  const reason = isDeleted
    ? `card ${cardId} was deleted in the meantime`
    : source instanceof Reviewer
      ? `Anki's reviewer does not show card ${cardId} or its answer any more`
      : `card ${cardId} was changed, or is not due any more`;
  const warning = `${consequence}: ${reason}.`;
  if (!hasDeck) return finish(session, { warning: `${warning} Its deck does not exist any more.` });
  return showQuestion(context, session, { warning });
}

/** Removes the invisible characters that Anki puts around numbers. */
export const withoutInvisible = (text: string): string => text.replace(/[\u2068\u2069]/g, '');
