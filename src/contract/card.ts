import { z } from 'zod';
import { action, adds, ensures, overwrites, reads } from './action.ts';
import { distinctIds, fieldValues, id, ids, nothing, optionalOrEmpty } from './schemas.ts';

export const getEaseFactors = action({
  title: 'Ease factors',
  description:
    'Returns the ease factor of each card, times 1000 (2500 = 250 %): 0 for a new card, null for a missing one.',
  annotations: reads,
  input: z.strictObject({ cards: ids }),
  output: z.array(z.int().nullable()),
});

export const setEaseFactors = action({
  title: 'Set ease factors',
  description:
    'Sets the ease factor of each card, times 1000 (2500 = 250 %); false for a missing card. Has no effect under FSRS.',
  annotations: overwrites,
  input: z
    .strictObject({ cards: ids, easeFactors: z.array(z.int().min(0).max(65535)) })
    // With too few factors the add-on writes the first ones and then fails.
    .refine(({ cards, easeFactors }) => cards.length === easeFactors.length, 'One factor per card is needed'),
  output: z.array(z.boolean()),
});

// Without `mod`, `usn` and unknown names, which Anki ignores and answers true; without `id`, which would overwrite another card.
const columns = z.enum([
  'due',
  'factor',
  'flags',
  'custom_data',
  'original_position',
  'desired_retention',
  'decay',
  'last_review_time',
  'did',
  'ivl',
  'lapses',
  'left',
  'nid',
  'odid',
  'odue',
  'ord',
  'queue',
  'reps',
  'type',
]);

export const setSpecificValueOfCard = action({
  title: 'Set card columns',
  description:
    'Writes raw columns of a card: [true] if done, false or [[false, reason]] if refused. Values are hardly checked and can break the card; setDueDate, suspend, changeDeck are safer.',
  annotations: overwrites,
  input: z
    .strictObject({
      card: id,
      keys: z.array(columns),
      newValues: z.array(z.union([z.number(), z.string(), z.null()])).describe('One per key'),
      warning_check: z.boolean().optional().describe('Must be true for did and later keys'),
    })
    .refine(({ keys, newValues }) => keys.length === newValues.length, 'One value per key is needed'),
  output: z.union([
    z.boolean(),
    z.array(z.union([z.boolean(), z.array(z.union([z.boolean(), z.string()]))])),
  ]),
});

export const suspend = action({
  title: 'Suspend cards',
  description:
    'Takes cards out of study until they are unsuspended. The result is unreliable, false does not mean failure: check with areSuspended.',
  annotations: ensures,
  input: z.strictObject({ cards: distinctIds, suspend: z.boolean().optional().describe('False unsuspends') }),
  output: z.boolean(),
});

export const unsuspend = action({
  title: 'Unsuspend cards',
  description: 'Unsuspends cards; buried ones stay buried.',
  annotations: ensures,
  input: z.strictObject({ cards: distinctIds }),
  output: nothing,
});

export const suspended = action({
  title: 'Card suspended?',
  description: 'Returns whether a card is suspended; a missing card is an error.',
  annotations: reads,
  input: z.strictObject({ card: id }),
  output: z.boolean(),
});

export const areSuspended = action({
  title: 'Cards suspended?',
  description: 'Returns for each card whether it is suspended; null for a missing card.',
  annotations: reads,
  input: z.strictObject({ cards: ids }),
  output: z.array(z.boolean().nullable()),
});

export const areDue = action({
  title: 'Cards due?',
  description:
    'Returns for each card whether it is due; new cards always are, even suspended. One missing card, or a card that was never answered but is not new, fails the call.',
  annotations: reads,
  input: z.strictObject({ cards: ids }),
  output: z.array(z.boolean()),
});

export const getIntervals = action({
  title: 'Review intervals',
  description:
    'Returns the latest interval of each card: days, or seconds if negative; 0 for a new card. One missing card fails the call, unless complete is true.',
  annotations: reads,
  input: z.strictObject({ cards: ids, complete: z.boolean().optional().describe('All intervals so far') }),
  output: z.array(z.union([z.int(), z.array(z.int())])),
});

export const findCards = action({
  title: 'Find cards',
  description:
    'Returns the ids of the cards that match an Anki search, unordered. No query finds nothing, an empty one finds everything.',
  annotations: reads,
  input: z.strictObject({ query: optionalOrEmpty(z.string().describe('e.g. deck:"My deck" is:due -tag:x')) }),
  output: ids,
});

export const cardsToNotes = action({
  title: 'Notes of cards',
  description: 'Returns the ids of the notes of the cards: each once, unordered, without missing cards.',
  annotations: reads,
  input: z.strictObject({ cards: ids }),
  output: ids,
});

export const cardsModTime = action({
  title: 'Card modification times',
  description: 'Returns when each card was last changed (epoch seconds); {} for a missing card.',
  annotations: reads,
  input: z.strictObject({ cards: ids }),
  output: z.array(z.looseObject({ cardId: id, mod: z.int() }).partial()),
});

export const cardsInfo = action({
  title: 'Card details',
  description:
    'Returns fields, deck, note and scheduling of each card, with question and answer as HTML (long); {} for a missing card. A card whose template is missing fails the call.',
  annotations: reads,
  input: z.strictObject({ cards: ids }),
  output: z.array(
    z
      .looseObject({
        cardId: id,
        fields: fieldValues,
        fieldOrder: z.int(),
        question: z.string(),
        answer: z.string(),
        modelName: z.string(),
        ord: z.int(),
        deckName: z.string(),
        css: z.string(),
        factor: z.int(),
        interval: z.int().describe('Days'),
        note: id,
        type: z.int().describe('0 new, 1 learning, 2 review, 3 relearning'),
        queue: z.int().describe('As type; -1 suspended, -2 and -3 buried'),
        due: z.int(),
        reps: z.int(),
        lapses: z.int(),
        left: z.int(),
        mod: z.int(),
        nextReviews: z.array(z.string()).describe('After Again, Hard, Good, Easy'),
        flags: z.int(),
      })
      .partial(),
  ),
});

export const forgetCards = action({
  title: 'Reset cards',
  description:
    'Makes cards new again: the schedule is lost, the review log and the counters stay. Suspended cards are unsuspended.',
  annotations: overwrites,
  input: z.strictObject({ cards: distinctIds }),
  output: nothing,
});

export const relearnCards = action({
  title: 'Relearn cards',
  description: 'Puts cards into relearning, new and suspended ones too; intervals stay.',
  annotations: overwrites,
  input: z.strictObject({ cards: distinctIds }),
  output: nothing,
});

export const answerCards = action({
  title: 'Answer cards',
  description:
    'Answers cards in this order as if reviewed, due or not, and reschedules them; suspended ones are unsuspended. False for a missing card. Only guiUndo reverts it.',
  annotations: adds,
  input: z.strictObject({
    answers: z.array(
      z.strictObject({ cardId: id, ease: z.literal([1, 2, 3, 4]).describe('Again, Hard, Good, Easy') }),
    ),
  }),
  output: z.array(z.boolean()),
});

export const setDueDate = action({
  title: 'Set due date',
  description:
    'Sets in how many days cards are due. New cards become review cards, suspended ones are unsuspended; true even for missing cards.',
  annotations: { ...overwrites, idempotentHint: false },
  input: z.strictObject({
    cards: distinctIds,
    days: z
      .string()
      .regex(/^\d+(-\d+)?!?$/)
      .describe('"0" today, "3-7" a random day between, "1!" sets the interval too'),
  }),
  output: z.boolean(),
});
