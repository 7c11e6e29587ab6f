import { z } from 'zod';
import { flag, int, int64, ints64, opChanges, text } from './messages.ts';

const number = z.number();
const numbers = z.array(number);

const preset = z.object({
  id: int64,
  name: text,
  config: z
    .object({
      learnSteps: numbers,
      relearnSteps: numbers,
      fsrsParams6: numbers,
      fsrsParams5: numbers,
      fsrsParams4: numbers,
      newPerDay: int,
      reviewsPerDay: int,
      maximumReviewInterval: int,
      reviewOrder: int,
      leechAction: int,
      leechThreshold: int,
      desiredRetention: number,
      historicalRetention: number,
      ignoreRevlogsBeforeDate: text,
      easyDaysPercentages: numbers,
      paramSearch: text,
    })
    .optional(),
});
const limits = z.object({ new: int.optional(), review: int.optional(), desiredRetention: number.optional() });
/** What the screen of the deck options shows. Saving writes all of it. */
const form = z.object({
  allConfig: z.array(z.object({ config: preset.optional(), useCount: int })),
  currentDeck: z.object({ name: text, configId: int64, limits: limits.optional() }).optional(),
  cardStateCustomizer: text,
  newCardsIgnoreReviewLimit: flag,
  applyAllParentLimits: flag,
  fsrs: flag,
  fsrsHealthCheck: flag,
  daysSinceLastFsrsOptimize: int,
});
const memory = z.object({ stability: number, difficulty: number });

/** Methods for FSRS and the deck options. */
export const fsrsMethods = {
  get_deck_configs_for_update: [z.object({ did: int64 }), form],
  update_deck_configs: [
    z.object({
      targetDeckId: int64,
      configs: z.array(preset),
      removedConfigIds: ints64,
      mode: int,
      cardStateCustomizer: text,
      limits: limits.optional(),
      newCardsIgnoreReviewLimit: flag,
      fsrs: flag,
      applyAllParentLimits: flag,
      fsrsReschedule: flag,
      fsrsHealthCheck: flag,
    }),
    opChanges,
  ],
  compute_fsrs_params: [
    z.object({
      search: text,
      currentParams: numbers,
      ignoreRevlogsBeforeMs: int64,
      numOfRelearningSteps: int,
      healthCheck: flag,
    }),
    z.object({ params: numbers, fsrsItems: int, healthCheckPassed: flag.optional() }),
  ],
  evaluate_params_legacy: [
    z.object({ params: numbers, search: text, ignoreRevlogsBeforeMs: int64 }),
    z.object({ logLoss: number, rmseBins: number }),
  ],
  simulate_fsrs_review: [
    z.object({
      params: numbers,
      desiredRetention: number,
      deckSize: int,
      daysToSimulate: int,
      newLimit: int,
      reviewLimit: int,
      maxInterval: int,
      search: text,
      newCardsIgnoreReviewLimit: flag,
      easyDaysPercentages: numbers,
      reviewOrder: int,
      suspendAfterLapseCount: int.optional(),
      historicalRetention: number,
      learningStepCount: int,
      relearningStepCount: int,
    }),
    z.object({
      accumulatedKnowledgeAcquisition: numbers,
      dailyReviewCount: z.array(int),
      dailyNewCount: z.array(int),
      dailyTimeCost: numbers,
    }),
  ],
  card_stats: [
    z.object({ cid: int64 }),
    z.object({
      memoryState: memory.optional(),
      fsrsRetrievability: number.optional(),
      desiredRetention: number.optional(),
      dueDate: int64.optional(),
      interval: int,
    }),
  ],
} as const;
