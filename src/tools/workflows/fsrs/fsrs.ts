import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { deckName } from '../../../contract/schemas.ts';
import { workflow } from '../../workflow.ts';
import { simulate } from './simulate.ts';
import { state } from './state.ts';

const count = z.int().min(0);

const input = z.strictObject({
  action: z.enum(['state', 'simulate']).default('state'),
  deck: deckName.optional(),
  query: z.string().optional(),
  days: z.int().min(1).optional(),
  scenarios: z
    .array(
      z.strictObject({
        newPerDay: count.optional(),
        retention: z.number().optional(),
        daysOff: count.optional(),
        reviewLimit: count.optional(),
        extraCards: count.optional(),
      }),
    )
    .max(10)
    .optional(),
});

const output = z.looseObject({
  on: z.boolean().optional(),
  presets: z.array(z.looseObject({ name: z.string() })).optional(),
  cards: z.looseObject({}).optional(),
  today: z.looseObject({ reviewsPerDay: z.number(), minutesPerDay: z.number() }).optional(),
  scenarios: z.array(z.looseObject({ scenario: z.string() })).optional(),
  chart: z.string().optional(),
  notes: z.array(z.string()).optional(),
});

export const fsrs = workflow({
  title: 'FSRS',
  description:
    "Anki's scheduler FSRS: state of presets and cards, or simulate what-if scenarios (reviews and minutes a day, cards remembered).",
  annotations: overwrites,
  needsEngine: true,
  input,
  output,
  async run(context, { action, deck, query, days = 365, scenarios = [] }) {
    if (action === 'state') return state(context, deck, query);
    if (deck === undefined)
      throw new AnkiRefused('simulate needs deck: the full name of a deck (deckNames lists them).');
    return simulate(context, deck, days, scenarios);
  },
});
