import type { Optimized, PredictionError } from '../../../../contract/engine/fsrs.ts';
import { AnkiRefused } from '../../../../contract/errors.ts';
import { EngineError } from '../../process/engine-error.ts';
import type { Collection } from '../../session/collection.ts';
import { defaultDeckId } from '../../session/deck-name.ts';
import { formOf, parametersOf, short } from './form.ts';

const minutesPerDay = 1440;

/** Computes the parameters of a preset from its reviews, as the desktop does, and how well old and new ones fit. */
export async function optimize(collection: Collection, presetId: number, search: string): Promise<Optimized> {
  const { allConfig } = await formOf(collection, Number(defaultDeckId));
  const preset = allConfig.find(({ config }) => Number(config?.id) === presetId)?.config;
  if (!preset) throw new AnkiRefused(`There is no preset ${presetId}. state lists all.`);
  const current = parametersOf(preset);
  const { ignoreRevlogsBeforeDate: ignored = '', relearnSteps = [] } = preset.config ?? {};
  const ignoreRevlogsBeforeMs = BigInt(Date.parse(ignored) || 0);
  const { params, fsrsItems } = await collection.call('compute_fsrs_params', {
    search,
    currentParams: current,
    ignoreRevlogsBeforeMs,
    numOfRelearningSteps: stepsOfOneDay(relearnSteps),
    healthCheck: false,
  });
  const evaluate = async (parameters: readonly number[]): Promise<PredictionError | null> => {
    const request = { params: [...parameters], search, ignoreRevlogsBeforeMs };
    try {
      const { logLoss, rmseBins } = await collection.call('evaluate_params_legacy', request);
      return { logLoss: short(logLoss), rmse: short(rmseBins) };
    } catch (error) {
      if (error instanceof EngineError && error.message.includes('Insufficient')) return null;
      throw error;
    }
  };
  const before = await evaluate(current);
  const after = fsrsItems === 0 ? before : await evaluate(params);
  return { reviews: fsrsItems, parameters: params.map(short), before, after };
}

/** Returns the number of relearning steps, in minutes, that end within a day. */
function stepsOfOneDay(steps: readonly number[]): number {
  let minutes = 0;
  return steps.filter((step) => (minutes += step) < minutesPerDay).length;
}
