import { z } from 'zod';
import { int, text, flag, counts } from './messages.ts';

/** Numbers of cards or reviews by day or percentage. */
const eases = z.object({ eases: counts }).optional();
const intervals = z.object({ intervals: counts }).optional();
const buttonCounts = z.object({ learning: z.array(int), young: z.array(int), mature: z.array(int) });
const kinds = z.object({ learn: int, relearn: int, young: int, mature: int, filtered: int });
const cardCounts = z.object({
  newCards: int,
  learn: int,
  relearn: int,
  young: int,
  mature: int,
  suspended: int,
  buried: int,
});
const retention = z
  .object({ youngPassed: int, youngFailed: int, maturePassed: int, matureFailed: int })
  .optional();
const graphs = z.object({
  fsrs: flag,
  today: z.object({ answerCount: int, answerMillis: int, correctCount: int }).optional(),
  futureDue: z.object({ futureDue: counts, dailyLoad: int }).optional(),
  reviews: z.object({ count: z.record(z.string(), kinds) }).optional(),
  cardCounts: z.object({ excludingInactive: cardCounts.optional() }).optional(),
  intervals,
  stability: intervals,
  eases,
  difficulty: eases,
  retrievability: z.object({ retrievability: counts, average: z.number(), sumByCard: z.number() }).optional(),
  hours: z.object({ oneYear: z.array(z.object({ total: int, correct: int })) }).optional(),
  buttons: z.object({ oneYear: buttonCounts.optional() }).optional(),
  added: z.object({ added: counts }).optional(),
  trueRetention: z
    .object({ today: retention, yesterday: retention, week: retention, month: retention, year: retention })
    .optional(),
});

/** Method for the numbers of Anki's statistics window. */
export const statisticsMethods = {
  graphs: [z.object({ search: text, days: int }), graphs],
} as const;
