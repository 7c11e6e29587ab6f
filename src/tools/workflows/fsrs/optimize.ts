import type { FsrsPreset, Optimized, PredictionError } from '../../../contract/engine/fsrs.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { ofPreset } from '../../search-terms.ts';
import { countOf } from '../../../lib/wording.ts';
import { countWithin } from '../../size.ts';
import type { Context } from '../../workflow.ts';
import { defaultDeckId } from '../deck-name.ts';
import { requireSamePlan } from '../same-plan.ts';
import { approveChange } from './approve.ts';
import { chosenPresets } from './deck.ts';

/** Bytes of a result around its presets. */
const outcomeBytes = 1000;

interface Options {
  readonly apply: boolean;
  readonly reschedule: boolean;
}

/** Computes the best parameters of a deck's preset, or of all presets in use, and stores them if `apply` is true. */
export async function optimize(
  context: Context,
  deckName: string | undefined,
  { apply, reschedule }: Options,
) {
  const agreed = await chosenPresets(context, deckName);
  const { chosen, state, presets } = agreed;
  const found: { readonly preset: FsrsPreset; readonly optimized: Optimized }[] = [];
  const refused: { readonly name: string; readonly decks: number; readonly outcome: string }[] = [];
  for (const [index, preset] of presets.entries()) {
    context.signal?.throwIfAborted();
    context.progress?.(`preset ${index + 1} of ${presets.length}`);
    try {
      const search = preset.search || `${ofPreset(preset.name)} -is:suspended`;
      const optimized = await context.operate('optimizePreset', { presetId: preset.id, search });
      found.push({ preset, optimized });
    } catch (error) {
      if (!(error instanceof AnkiRefused) || presets.length === 1) throw error;
      const { name, decks } = preset;
      refused.push({ name, decks, outcome: error.message });
    }
  }
  const better = found.filter(({ preset, optimized }) => isNew(preset, optimized));
  const described = [...found.map(({ preset, optimized }) => describe(preset, optimized)), ...refused];
  const shown = described.slice(0, countWithin(described, context.budget - outcomeBytes));
  const result = {
    on: state.on,
    presets: shown,
    ...(shown.length < described.length && { morePresets: described.length - shown.length }),
  };
  if (better.length === 0) return { result: { ...result, outcome: 'There is nothing to change.' } };
  const change = {
    deckId: chosen?.deck.id ?? defaultDeckId,
    onlyDeck: false,
    reschedule,
    parameters: better.map(({ preset, optimized }) => ({
      presetId: preset.id,
      values: optimized.parameters,
    })),
  };
  if (!apply) {
    const effect = await context.operate('tryFsrsChange', change);
    return {
      result: { ...result, effect, outcome: 'Nothing was changed. apply: true stores the new parameters.' },
    };
  }
  const names = better.map(({ preset }) => preset.name);
  await approveChange(
    context,
    names.map(ofPreset),
    `Change the FSRS parameters of ${countOf(names.length, 'preset')}`,
  );
  const effect = await context.asOneStep(async (writing) => {
    requireSamePlan(agreed, await chosenPresets(writing, deckName));
    return writing.operate('changeFsrs', change);
  });
  return {
    result: {
      ...result,
      effect,
      outcome: `The new parameters are stored, as one undo step.${state.on ? '' : ' FSRS is off: they are used once it is on.'}`,
    },
  };
}

const isNew = ({ parameters }: FsrsPreset, optimized: Optimized): boolean =>
  optimized.reviews > 0 && JSON.stringify(parameters) !== JSON.stringify(optimized.parameters);

const percent = (error: PredictionError | null) =>
  error && { logLoss: error.logLoss, differencePercent: Math.round(error.rmse * 10_000) / 100 };

const notBetter = (reviews: number): string =>
  `Anki found no better parameters in ${reviews} reviews, so they stay. If these are too few reviews, optimize again after some weeks of study.`;

function describe(preset: FsrsPreset, optimized: Optimized) {
  const { name, decks, parameters } = preset;
  const old = {
    name,
    decks,
    reviews: optimized.reviews,
    parameters: parameters.length > 0 ? parameters : 'defaults',
  };
  const error = { before: percent(optimized.before), after: percent(optimized.after) };
  if (!isNew(preset, optimized)) return { ...old, error, outcome: notBetter(optimized.reviews) };
  return { ...old, newParameters: optimized.parameters, error };
}
