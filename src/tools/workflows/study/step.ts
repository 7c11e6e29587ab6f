import { z } from 'zod';
import type { Data, JsonResult } from '../../workflow.ts';

export const output = z.looseObject({
  cardId: z.int().optional(),
  question: z.string().optional(),
  answer: z.string().optional(),
  state: z.string().optional().describe('new, learning or review'),
  left: z.looseObject({ new: z.int(), learning: z.int(), review: z.int() }).optional(),
  ratings: z.record(z.string(), z.unknown()).optional(),
  outcomes: z.array(z.looseObject({ card: z.int(), outcome: z.string() })).optional(),
  warning: z.string().optional(),
  done: z.string().optional(),
  studied: z.int().optional().describe('Cards'),
  minutes: z.number().optional(),
});

/** What a call to `study` returns: a question, an answer or the summary. */
export type Step = JsonResult<Data<typeof output>>;
