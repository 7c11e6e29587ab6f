import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { deckName } from '../../../contract/schemas.ts';
import { workflow } from '../../workflow.ts';
import { optimize } from './optimize.ts';
import { set } from './set.ts';
import { simulate } from './simulate.ts';
import { state } from './state.ts';

/** Without bounds in the published schema, which has to be small. */
const count = z.int().refine((value) => value >= 0 && value <= 1e6, 'An integer from 0 to 1000000');
const maxScenarios = 10;

const input = z.strictObject({
  action: z.enum(['state', 'optimize', 'set', 'simulate']).optional(),
  deck: deckName.optional(),
  query: z.string().optional(),
  on: z.boolean().optional(),
  retention: z.number().optional(),
  onlyDeck: z.boolean().optional(),
  reschedule: z.boolean().optional(),
  apply: z.boolean().optional(),
  days: count.optional(),
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
    .refine(({ length }) => length <= maxScenarios, `At most ${maxScenarios} scenarios`)
    .optional(),
});

const output = z.looseObject({
  on: z.boolean().optional(),
  presets: z.array(z.looseObject({ name: z.string() })).optional(),
  cards: z.looseObject({}).optional(),
  today: z.looseObject({ reviewsPerDay: z.number(), minutesPerDay: z.number() }).optional(),
  scenarios: z.array(z.looseObject({ scenario: z.string() })).optional(),
  effect: z.looseObject({}).optional(),
  outcome: z.string().optional(),
  chart: z.string().optional(),
  notes: z.array(z.string()).optional(),
});

export const fsrs = workflow({
  title: 'FSRS',
  description:
    'FSRS: state; optimize parameters; set on/off or retention; simulate scenarios. Changes only with apply.',
  annotations: overwrites,
  needsEngine: true,
  input,
  output,
  async run(context, { action = 'state', deck, query, days = 365, scenarios = [], ...settings }) {
    const { apply = false, reschedule = false, onlyDeck = false } = settings;
    if (action === 'state') return state(context, deck, query);
    if (action === 'optimize') return optimize(context, deck, { apply, reschedule });
    if (deck === undefined)
      throw new AnkiRefused(`${action} needs deck: the full name of a deck (deckNames lists them).`);
    if (action === 'simulate') return simulate(context, deck, days, scenarios);
    return set(context, deck, { ...settings, apply, reschedule, onlyDeck });
  },
});
