import type { Histogram, MemoryStates } from '../../../contract/engine/fsrs.ts';
import { everything } from '../../search-terms.ts';
import { countWithin } from '../../size.ts';
import type { Context } from '../../workflow.ts';
import { sum } from './chart.ts';
import { searchFor } from '../search.ts';
import { chosenPresets } from './deck.ts';

const samples = 5;

/** Returns the presets, and the memory states of the cards of a deck or search. */
export async function state(context: Context, deckName: string | undefined, query: string | undefined) {
  const { chosen, state: fsrs, presets } = await chosenPresets(context, deckName);
  const search =
    [chosen?.term, query === undefined ? undefined : `(${query})`].filter(Boolean).join(' ') || everything;
  const { found } = await searchFor(context, 'findCards', search);
  const memory = await context.operate('memoryStates', { search, samples });
  const { on, daysSinceOptimize } = fsrs;
  const listed = presets.slice(0, countWithin(presets, context.budget / 2));
  return {
    result: {
      on,
      daysSinceOptimize,
      presets: listed.map(({ name, decks, desiredRetention, ignoreBefore, parameters }) => ({
        name,
        decks,
        desiredRetention,
        parameters: parameters.length > 0 ? parameters : 'defaults',
        ...(ignoreBefore !== '' && { ignoreBefore }),
      })),
      ...(listed.length < presets.length && { morePresets: presets.length - listed.length }),
      ...(chosen?.state.deckRetention != null && { retentionOfDeck: chosen.state.deckRetention }),
      cards: { found: found.length, ...summaryOf(memory) },
      ...(!on && {
        note: 'FSRS is off: cards have no memory states. set with on: true computes them from the review log.',
      }),
    },
  };
}

const recallLimits = [50, 70, 80, 90, 95];
const stabilityLimits = [7, 30, 90, 365];
const difficultyLimits = [30, 70];

function summaryOf({ recall, stability, difficulty, averageRecall, remembered, lowest }: MemoryStates) {
  const withMemoryState = sum(Object.values(recall));
  if (withMemoryState === 0) return { withMemoryState };
  return {
    withMemoryState,
    averageRecall: Math.round(averageRecall * 10) / 1000,
    remembered: Math.round(remembered),
    recall: grouped(recall, recallLimits, '%'),
    stability: grouped(stability, stabilityLimits, 'days'),
    difficulty: grouped(difficulty, difficultyLimits, '%'),
    lowest,
  };
}

/** Returns the number of cards below each limit: "below 50 %", "50 to 70 %", "70 % or more". */
function grouped(counts: Histogram, limits: readonly number[], unit: string): Record<string, number> {
  const groups = [...limits, Infinity].map((limit, at) => ({ from: limits[at - 1] ?? -Infinity, to: limit }));
  return Object.fromEntries(
    groups.map(({ from, to }) => {
      const inside = Object.entries(counts).filter(([key]) => Number(key) >= from && Number(key) < to);
      return [rangeOf(from, to, unit), sum(inside.map(([, count]) => count))];
    }),
  );
}

function rangeOf(from: number, to: number, unit: string): string {
  if (from === -Infinity) return `below ${to} ${unit}`;
  return to === Infinity ? `${from} ${unit} or more` : `${from} to ${to} ${unit}`;
}
