import { AnkiRefused, OutcomeUnknown } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import type { Context } from '../../workflow.ts';
import { findStudyable, type Choice } from './chosen-cards.ts';
import type { Ease } from './card-source.ts';
import { failed, rateCard, type Rating } from './rate-card.ts';
import type { Answered } from './session.ts';
import { rateAsStep, type StoredRating } from './undo-rating.ts';

export interface KnownRating {
  readonly card: number;
  readonly rating: Ease;
}

export type Outcome = Readonly<{ card: number; outcome: string }>;

/** Rates several cards of a session whose answers are known. Each is sent once; after an unknown outcome, no more are sent. */
export async function rateKnown(
  context: Context,
  choice: Choice,
  ratings: readonly KnownRating[],
): Promise<{ outcomes: Outcome[]; rated: Answered[] }> {
  const seen = new Set<number>();
  for (const { card } of ratings) {
    if (seen.has(card)) throw new AnkiRefused(`Nothing was rated: card ${card} is named twice.`);
    seen.add(card);
  }
  const found = await findStudyable(context, choice);
  const studyable = new Set([...found.learning, ...found.review, ...found.new]);
  const answers = ratings
    .filter(({ card }) => studyable.has(card))
    .map(({ card, rating }) => ({ cardId: card, ease: rating }));
  await context.check('answerCards', { answers });
  const outcomes: Outcome[] = [];
  const rated: Answered[] = [];
  let stopped = false;
  for (const { card, rating } of ratings) {
    if (!studyable.has(card)) {
      outcomes.push({
        card,
        outcome: 'not rated: not due now, or not a card of this session',
      });
    } else if (stopped || context.signal?.aborted === true) {
      outcomes.push({ card, outcome: 'not rated: not sent, because an earlier outcome is unknown' });
    } else {
      const { rated: isRated, error, stored } = await rateOne(context, card, rating);
      stopped = error instanceof OutcomeUnknown;
      if (isRated) rated.push({ cardId: card, ease: rating, stored });
      outcomes.push({ card, outcome: isRated ? 'rated' : sentence(error) });
    }
  }
  return { outcomes, rated };
}

/** Rates a card. Does not throw, so that the outcomes of the cards before it are reported. */
async function rateOne(
  context: Context,
  card: number,
  rating: Ease,
): Promise<Rating & { readonly stored?: StoredRating | undefined }> {
  let outcome: Rating = { rated: false };
  try {
    const { stored } = await rateAsStep(context, card, async (writing) => {
      outcome = await rateCard(writing, card, rating);
      return outcome.rated;
    });
    return { ...outcome, stored };
  } catch (error) {
    return failed(error);
  }
}

/** Maximum characters of Anki's reason: each card has one. */
const maxReason = 80;

function sentence(error: Error | undefined): string {
  if (error === undefined) return 'not rated: no such card';
  if (!(error instanceof OutcomeUnknown)) return `not rated: ${echo(error.message, maxReason)}`;
  return `unknown: ${echo(error.message)} Check with getReviewsOfCards before you rate this card again.`;
}
