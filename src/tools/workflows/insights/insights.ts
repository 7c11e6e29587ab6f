import { z } from 'zod';
import { reads } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { nearest } from '../../../lib/nearest.ts';
import { workflow, type Context } from '../../workflow.ts';
import { duplicates } from './duplicates.ts';
import { emptyCards } from './empty-cards.ts';
import { Facts, type Insight, type Section } from './facts.ts';
import { forecast } from './forecast.ts';
import { fsrs } from './fsrs.ts';
import { media } from './media.ts';
import { retention } from './retention.ts';
import { tags } from './tags.ts';
import { weak } from './weak.ts';
import { workload } from './workload.ts';
import type { Json } from '../../../lib/json.ts';

const sections: Readonly<Record<string, Section>> = {
  weak,
  retention,
  forecast,
  workload,
  fsrs,
  duplicates,
  emptyCards,
  tags,
  media,
};
const names = Object.keys(sections);

export const insights = workflow({
  title: 'Insights',
  description:
    'Tells what to fix, each with the search that finds it: leeches and weak cards with reasons, retention by deck, forecast, workload, FSRS, duplicates across decks, empty cards, unused tags and media.',
  annotations: reads,
  input: z.strictObject({
    deck: z.string().optional(),
    sections: z.array(z.enum(names)).min(1).optional().describe('Default all'),
  }),
  async run(context, { deck, sections: wanted = names }) {
    const facts = new Facts(context, deck === undefined ? undefined : await existing(context, deck));
    const told = await Promise.all(
      Object.entries(sections)
        .filter(([name]) => wanted.includes(name))
        .map(async ([name, section]) => [name, await section(facts)] as const),
    );
    return { result: { ...(facts.deck !== undefined && { deck: facts.deck }), ...fitted(told, context) } };
  },
});

/** The deck as Anki spells it. */
async function existing({ call }: Context, deck: string): Promise<string> {
  const decks = await call('deckNames', {});
  const found = decks.find((name) => name.toLowerCase() === deck.toLowerCase());
  if (found !== undefined) return found;
  const meant = nearest(deck, decks);
  throw new AnkiRefused(
    `There is no deck "${deck}"${meant === undefined ? '; deckNames lists them' : `; did you mean "${meant}"?`}.`,
  );
}

/** Fewer samples where all would not go into the budget. */
function fitted(
  told: readonly (readonly [string, Insight])[],
  { budget }: Context,
): { readonly [key: string]: Json } {
  for (const most of [Infinity, 10, 5, 3, 1, 0]) {
    const cut = told.some(([, { samples = [] }]) => samples.length > most);
    const result = Object.fromEntries(
      told.map(([name, { samples = [], ...rest }]) => [
        name,
        { ...rest, ...(samples.length > 0 && most > 0 && { samples: samples.slice(0, most) }) },
      ]),
    );
    const whole = {
      ...result,
      ...(cut && { cut: `At most ${most} samples of each, for lack of room; ask for fewer sections.` }),
    };
    if (most === 0 || Buffer.byteLength(JSON.stringify(whole)) < budget - 200) return whole;
  }
  return {};
}
