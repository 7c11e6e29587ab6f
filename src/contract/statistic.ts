import { z } from 'zod';
import { action, adds, ensures, reads } from './action.ts';
import { isInRange, reviewColumns } from './review-columns.ts';
import { deckName, id, ids, nothing } from './schemas.ts';

export const getNumCardsReviewedToday = action({
  title: 'Reviews today',
  description: 'Counts the review log entries of today: answers, not cards, and manual rescheduling too.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.int(),
});

export const getNumCardsReviewedByDay = action({
  title: 'Reviews per day',
  description:
    'Counts review log entries per day as [date, count], newest first, without empty days. Days begin at 4 a.m. by default.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.array(z.array(z.union([z.string(), z.int()]))),
});

export const getCollectionStatsHTML = action({
  title: 'Statistics report',
  description:
    "Returns Anki's statistics as HTML with scripts that only work inside Anki (on the engine: a page without scripts): long, and hardly useful to read.",
  annotations: reads,
  input: z.strictObject({ wholeCollection: z.boolean().optional().describe('False: current deck') }),
  output: z.string(),
});

export const cardReviews = action({
  title: 'Reviews of deck',
  description:
    'Returns the review log of the cards now in a deck, without child decks, as rows for insertReviews. A missing deck is created: check the name first.',
  annotations: ensures,
  input: z.strictObject({ deck: deckName, startID: z.int().describe('Only later reviews (epoch ms)') }),
  output: z.array(z.array(z.int())),
});

export const getReviewsOfCards = action({
  title: 'Reviews of cards',
  description:
    'Returns the review log of each card by card id; empty for an unknown card. Negative intervals are seconds, positive ones days.',
  annotations: reads,
  input: z.strictObject({ cards: ids }),
  output: z.record(
    z.string(),
    z.array(
      z.looseObject({
        id,
        usn: z.int(),
        ease: z.int(),
        ivl: z.int(),
        lastIvl: z.int(),
        factor: z.int(),
        time: z.int().describe('Milliseconds'),
        type: z.int(),
      }),
    ),
  ),
});

export const getLatestReviewID = action({
  title: 'Latest review',
  description:
    'Returns the id (epoch ms) of the latest review in a deck without child decks, 0 if none. A missing deck is created.',
  annotations: ensures,
  input: z.strictObject({ deck: deckName }),
  output: id,
});

const isReadable = (review: readonly number[]): boolean =>
  reviewColumns.every((column, index) => isInRange(column, review[index] ?? 0));

export const insertReviews = action({
  title: 'Insert reviews',
  description:
    'Adds rows to the review log, all or none; the cards do not change, and unknown cards are accepted.',
  annotations: adds,
  input: z.strictObject({
    reviews: z.array(
      z
        .array(z.int())
        .length(9)
        .refine(isReadable, 'ease, intervals or factor are out of the range that Anki can read')
        .describe('[id in epoch ms, cardId, usn (-1), ease, ivl, lastIvl, factor, time in ms, type]'),
    ),
  }),
  output: nothing,
});
