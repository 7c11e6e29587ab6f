import { AnkiRefused } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import { batch, resultOf } from '../../joined.ts';
import type { Ease } from './card-source.ts';

/** Whether a card was rated. If the error is OutcomeUnknown, that is not known. */
export interface Rating {
  readonly rated: boolean;
  readonly error?: Error;
}

/**
 * Rates exactly this card. Anki refuses all cards but the first one of its queue as long as it keeps a queue, which the
 * desktop does after its study screen was open. A change of the card clears the queue: suspending the card and ending
 * that leaves nothing behind, because the rating changes the card anyway. All three run in one request.
 */
export async function rateCard(context: Context, cardId: number, ease: Ease): Promise<Rating> {
  const params = { answers: [{ cardId, ease }] };
  try {
    const [rated = false] = await context.call('answerCards', params);
    return { rated };
  } catch (error) {
    if (!(error instanceof AnkiRefused && /not at top of queue/.test(error.message))) return failed(error);
  }
  try {
    const replies = await batch(context, [
      { action: 'suspend', params: { cards: [cardId] } },
      { action: 'unsuspend', params: { cards: [cardId] } },
      { action: 'answerCards', params },
    ]);
    const rated = resultOf('answerCards', replies[2]);
    return { rated: Array.isArray(rated) && rated[0] === true };
  } catch (error) {
    return failed(error);
  }
}

/** Returns the outcome of a rating that ended with an error. */
export const failed = (error: unknown): Rating => ({
  rated: false,
  error: error instanceof Error ? error : new Error(String(error)),
});
