import type { SimulatedDays, Simulation } from '../../../../contract/engine/fsrs.ts';
import type { RpcRequest } from '../../process/rpc.ts';
import type { Collection } from '../../session/collection.ts';
import { withCopyOpen } from '../../session/copy.ts';
import type { Session } from '../../session/session.ts';
import { formOf, parametersOf, presetOf, retentionOfDeck, short, type Form } from './form.ts';

type Request = RpcRequest<'simulate_fsrs_review'>;
type Days = Omit<SimulatedDays, 'newPerDay' | 'retention' | 'ownLimit'>;

const daySeconds = 86_400;
/** The value of leechAction that suspends a card. */
const suspends = 0;

/** Simulates the reviews of the coming days. */
export async function simulate(session: Session, simulation: Simulation): Promise<SimulatedDays> {
  const form = await formOf(session, simulation.deckId);
  const request = requestOf(form, simulation);
  const { newLimit: newPerDay, desiredRetention } = request;
  const days = await simulateDays(session, request, Math.min(simulation.daysOff, simulation.days));
  const ownLimit = form.currentDeck?.limits?.review ?? presetOf(form).config?.reviewsPerDay ?? 0;
  return { newPerDay, retention: short(desiredRetention), ownLimit, ...days };
}

function requestOf(form: Form, simulation: Simulation): Request {
  const preset = presetOf(form);
  const { config } = preset;
  const { newPerDay, retention, search, days, reviewLimit, extraCards } = simulation;
  return {
    params: parametersOf(preset),
    desiredRetention: retention ?? retentionOfDeck(form) ?? config?.desiredRetention ?? 0,
    deckSize: extraCards,
    daysToSimulate: days,
    newLimit: newPerDay ?? form.currentDeck?.limits?.new ?? config?.newPerDay ?? 0,
    reviewLimit,
    maxInterval: config?.maximumReviewInterval ?? 0,
    search,
    newCardsIgnoreReviewLimit: form.newCardsIgnoreReviewLimit,
    easyDaysPercentages: config?.easyDaysPercentages ?? [],
    reviewOrder: config?.reviewOrder ?? 0,
    ...(config?.leechAction === suspends && { suspendAfterLapseCount: config.leechThreshold }),
    historicalRetention: config?.historicalRetention ?? 0,
    learningStepCount: config?.learnSteps.length ?? 0,
    relearningStepCount: config?.relearnSteps.length ?? 0,
  };
}

/**
 * Simulates all days. The engine knows no days off. Until they are over, nothing is studied; after that, the cards are as
 * many days older: the same as a collection that was created so many days earlier, which a copy is made to be.
 */
async function simulateDays(session: Session, request: Request, daysOff: number): Promise<Days> {
  if (daysOff === 0) return run(session, request);
  const off = await run(session, { ...request, daysToSimulate: daysOff, newLimit: 0, reviewLimit: 0 });
  const daysToSimulate = request.daysToSimulate - daysOff;
  if (daysToSimulate === 0) return off;
  const later = await withCopyOpen(session, async (copy) => {
    await copy.query('update col set crt = crt - ?', daysOff * daySeconds);
    return run(copy, { ...request, daysToSimulate });
  });
  return {
    reviews: [...off.reviews, ...later.reviews],
    newCards: [...off.newCards, ...later.newCards],
    seconds: [...off.seconds, ...later.seconds],
    remembered: [...off.remembered, ...later.remembered],
  };
}

async function run(collection: Collection, request: Request): Promise<Days> {
  const reply = await collection.call('simulate_fsrs_review', request);
  return {
    reviews: reply.dailyReviewCount,
    newCards: reply.dailyNewCount,
    seconds: reply.dailyTimeCost.map(short),
    remembered: reply.accumulatedKnowledgeAcquisition.map(short),
  };
}
