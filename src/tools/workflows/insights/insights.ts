import { z } from 'zod';
import { reads } from '../../../contract/action.ts';
import { offset } from '../../action-call.ts';
import { sizeOf } from '../../size.ts';
import { workflow, type Context } from '../../workflow.ts';
import { database } from './database.ts';
import { duplicates } from './duplicates.ts';
import { emptyCards } from './empty-cards.ts';
import { factsOf, type Insight, type Section } from './facts.ts';
import { forecast } from './forecast.ts';
import { fsrs } from './fsrs.ts';
import { media } from './media.ts';
import { nearDuplicates } from './near-duplicates.ts';
import { retention } from './retention.ts';
import { tags } from './tags.ts';
import { weak } from './weak.ts';
import { workload } from './workload.ts';
import type { JsonObject } from '../../../lib/json.ts';

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
  nearDuplicates,
  database,
};
const names = Object.keys(sections);
/** All but those that take long. */
const usual = names.filter((name) => name !== 'database' && name !== 'nearDuplicates');

/** Bytes reserved for what encloses the sections. */
const reservedBytes = 200;

export const insights = workflow({
  title: 'Insights',
  description:
    'Lists what to fix, with the search that finds it: leeches, weak cards, retention, forecast, workload, FSRS, (near) duplicates, empty cards, similar and unused tags, media; on request what Check Database would repair.',
  annotations: reads,
  ui: { panel: 'overview' },
  input: z.strictObject({
    deck: z.string().optional(),
    sections: z.array(z.enum(names)).min(1).optional().describe('Default all but the last two'),
    acrossTypes: z.boolean().optional().describe('Duplicates of any types'),
    slow: z.boolean().optional().describe('Weak cards by time too'),
    offset: offset.optional().describe('Of duplicates'),
  }),
  output: z.looseObject({
    deck: z.string().optional(),
    ...Object.fromEntries(names.map((name) => [name, z.record(z.string(), z.unknown()).optional()])),
    cut: z.string().optional(),
  }),
  async run(
    context,
    { deck, sections: selected = usual, acrossTypes = false, slow = false, offset: skipped = 0 },
  ) {
    const facts = await factsOf(context, { acrossTypes, slow, offset: skipped }, deck);
    const found = await Promise.all(
      Object.entries(sections)
        .filter(([name]) => selected.includes(name))
        .map(async ([name, section]) => [name, await section(facts)] as const),
    );
    return { result: { ...(facts.deck !== undefined && { deck: facts.deck }), ...fit(found, context) } };
  },
});

/** Returns the sections with as many samples as fit the budget. */
function fit(found: readonly (readonly [string, Insight])[], { budget }: Context): JsonObject {
  for (const maxSamples of [Infinity, 50, 20, 10, 5, 3, 1, 0]) {
    const isCut = found.some(([, { samples = [] }]) => samples.length > maxSamples);
    const result = {
      ...Object.fromEntries(
        found.map(([name, { samples = [], paged, ...rest }]) => [
          name,
          {
            ...rest,
            ...nextPage(paged, Math.min(samples.length, maxSamples)),
            ...(samples.length > 0 && maxSamples > 0 && { samples: samples.slice(0, maxSamples) }),
          },
        ]),
      ),
      ...(isCut && {
        cut: `At most ${maxSamples} samples of each section fit the size limit. Request fewer sections to see more.`,
      }),
    };
    if (maxSamples === 0 || sizeOf(result) < budget - reservedBytes) return result;
  }
  return {};
}

/** Returns where the samples go on after the shown ones. */
function nextPage(paged: Insight['paged'], shown: number): JsonObject {
  const next = (paged?.offset ?? 0) + shown;
  return paged && shown > 0 && next < paged.total ? { nextOffset: next } : {};
}
