import { whyUndoIsEmpty } from '../../../contract/engine/undo.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import type { Context } from '../../workflow.ts';
import { readTogether } from '../../joined.ts';
import { countReviews, settled, storedCard } from './reviewer.ts';

/** What identifies a rating in Anki. */
export interface StoredRating {
  /** Its undo step. */
  readonly step: string;
  /** Number of reviews of the card before it. */
  readonly reviewsBefore: number;
}

/** A card that was rated. */
export interface Rated {
  readonly cardId: number;
  /** Undefined if it is not known, as on the desktop. */
  readonly stored: StoredRating | undefined;
  /** Number of answers of the card before the rating, if that was read. */
  readonly reps?: number | undefined;
}

/** Rates a card in an undo step of its own, with no other call in between. Returns false if it was not rated. */
export async function rateAsStep(
  context: Context,
  cardId: number,
  rate: (writing: Context) => Promise<boolean>,
): Promise<{ rated: boolean; stored?: StoredRating }> {
  if (!context.backend.operate) return { rated: await rate(context) };
  return context.asOneStep(async (writing) => {
    const reviewsBefore = await countReviews(writing, cardId);
    if (!(await rate(writing))) return { rated: false };
    const { step } = await writing.operate('undoStatus', {});
    return { rated: true, stored: { step, reviewsBefore } };
  });
}

/** What became of a rating that was to be undone. */
export type UndoneRating = 'undone' | 'undone before' | 'another step undone';

/** Undoes a rating. On the engine, throws AnkiRefused and undoes nothing if another step is the last one. */
export async function undoRating(context: Context, { cardId, stored, reps }: Rated): Promise<UndoneRating> {
  if (!context.backend.operate) return undoOnDesktop(context, cardId, reps);
  if (stored && (await countReviews(context, cardId)) <= stored.reviewsBefore) return 'undone before';
  const { steps, undo } = await context.operate('undo', { steps: 1, expect: { step: stored?.step ?? '' } });
  if (steps.length > 0) return 'undone';
  throw new AnkiRefused(undo === '' ? isLost(cardId) : isNotLast(cardId, undo));
}

/** Undoes the last step, unless the card shows that the rating is gone: Anki-Connect does not say which step that is. */
async function undoOnDesktop(
  context: Context,
  cardId: number,
  repsBefore: number | undefined,
): Promise<UndoneRating> {
  const [before, card] = await readTogether(context, (reading) =>
    Promise.all([countReviews(reading, cardId), storedCard(reading, cardId)]),
  );
  if (repsBefore !== undefined && typeof card === 'object' && card.reps <= repsBefore) return 'undone before';
  await context.call('guiUndo', {});
  const after = await settled(
    context,
    () => countReviews(context, cardId),
    (count) => count < before,
  );
  return after < before ? 'undone' : 'another step undone';
}

const isLost = (cardId: number): string =>
  `Nothing was undone: the rating of card ${cardId} is no longer in Anki's undo list. ${whyUndoIsEmpty} The review stays in the card's history; setDueDate sets when the card is shown again.`;

const isNotLast = (cardId: number, last: string): string =>
  `Nothing was undone: the last step is "${echo(last)}", which came after the rating of card ${cardId}, and Anki undoes the last step first. If the user wants to lose that step too, undo it with the tool undo (action undo, expect "${echo(last)}"), then repeat this call. Or leave both, and set with setDueDate when the card is shown again.`;
