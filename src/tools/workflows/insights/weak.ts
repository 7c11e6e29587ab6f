import type { Output } from '../../../contract/index.ts';
import type { Json } from '../../../lib/json.ts';
import { seenQuestion } from '../../card-text/card-page.ts';
import { excerpt } from '../../card-text/excerpt.ts';
import { readCards, type Card } from '../../reading.ts';
import { percent } from './chart.ts';
import type { Insight, Facts } from './facts.ts';

type Review = Output<'getReviewsOfCards'>[string][number];

const maxCandidates = 100;
const maxSamples = 10;
/** Number of lapses from which a card counts as often forgotten. */
const minLapses = 4;
export const searchForLeeches = 'tag:leech prop:lapses>0';
export const searchForForgotten = `prop:lapses>=${minLapses}`;
/** Lapses in the review log that make a card weak. */
const minAgain = 3;
const lapseThresholds = [minLapses, 8, 16, 32];

/** Finds cards that were forgotten often, with the reasons; on request also those that take long. */
export async function weak(facts: Facts): Promise<Insight> {
  const [leeches, lapsed, { reviews: recent }] = await Promise.all([
    facts.cards(searchForLeeches),
    Promise.all(lapseThresholds.map((lapses) => facts.cards(`prop:lapses>=${lapses}`))),
    facts.reviews,
  ]);
  const leechIds = new Set(leeches);
  // The highest threshold that leaves enough cards, so that few logs have to be read.
  const worst = lapsed.findLast((cards) => cards.length >= maxSamples) ?? lapsed[0] ?? [];
  const candidates = [...new Set([...worst, ...leeches])].slice(0, maxCandidates);
  const missing = candidates.filter((card) => !Object.hasOwn(recent, String(card)));
  const older = missing.length > 0 ? await facts.context.call('getReviewsOfCards', { cards: missing }) : {};
  const histories = Object.entries({ ...recent, ...older }).map(([card, log]) =>
    historyOf(Number(card), log),
  );
  const usualSeconds = median(histories.flatMap(({ seconds }) => (seconds > 0 ? [seconds] : [])));
  const picked = histories
    .map((history) => ({
      ...history,
      isSlow: facts.options.slow && history.seconds > 15 && history.seconds > 2 * usualSeconds,
      isLeech: leechIds.has(history.card),
    }))
    .map((history) => ({
      ...history,
      weight: (history.again * history.again) / Math.max(1, history.answers) + (history.isSlow ? 1 : 0),
    }))
    .filter(({ again, isSlow, isLeech }) => again >= minAgain || isSlow || isLeech)
    .toSorted((a, b) => b.weight - a.weight || a.card - b.card)
    .slice(0, maxSamples);
  const read = await readCards(
    facts.context,
    picked.map(({ card }) => card),
  );
  const cards = new Map(read.cards.map((card) => [card.cardId, card]));
  const samples = await Promise.all(
    picked.flatMap((history) => {
      const card = cards.get(history.card);
      return card ? [toSample(card, history, usualSeconds)] : [];
    }),
  );
  return {
    leeches: { cards: leeches.length, search: facts.within(searchForLeeches) },
    oftenForgotten: {
      cards: lapsed[0]?.length ?? 0,
      search: facts.within(searchForForgotten),
    },
    criterion: `At least ${minAgain} reviews forgotten, or a leech${facts.options.slow ? ', or much slower than usual' : '; slow: true adds slow cards'}. Again in learning steps is no lapse.`,
    ...(samples.length > 0 && {
      search: `cid:${picked.map(({ card }) => card).join(',')}`,
      advice: 'Split, reword or add a hint; viewCards shows them, saveNotes changes them.',
    }),
    samples,
  };
}

interface CardHistory {
  readonly card: number;
  readonly answers: number;
  /** Number of lapses: answers "Again" to a review, not in learning steps or a preview. */
  readonly again: number;
  /** Average seconds of an answer. */
  readonly seconds: number;
}

/** Summarizes a review log without entries that are no answers, such as rescheduling. */
function historyOf(card: number, log: readonly Review[]): CardHistory {
  const answers = log.filter(({ ease }) => ease > 0);
  const milliseconds = answers.reduce((sum, review) => sum + review.time, 0);
  return {
    card,
    answers: answers.length,
    again: answers.filter(({ ease, type }) => ease === 1 && type === 1).length,
    seconds: answers.length > 0 ? milliseconds / answers.length / 1000 : 0,
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

interface WeakCard extends CardHistory {
  readonly isSlow: boolean;
  readonly isLeech: boolean;
}

async function toSample(
  card: Card,
  { answers, again, seconds, isSlow, isLeech }: WeakCard,
  usualSeconds: number,
): Promise<Json> {
  const reasons = [
    ...(isLeech ? ['leech'] : []),
    ...(card.lapses > 0 ? [`${card.lapses} lapse${card.lapses > 1 ? 's' : ''}`] : []),
    ...(again > 0 ? [`Again ${again} of ${answers} times (${percent(again / answers)})`] : []),
    ...(isSlow ? [`${Math.round(seconds)} s per answer, usually ${Math.round(usualSeconds)} s`] : []),
    ...(card.queue === -1 ? ['suspended'] : []),
  ];
  return {
    card: card.cardId,
    note: card.note,
    deck: card.deckName,
    question: excerpt(await seenQuestion(card), 80),
    why: reasons.join('; '),
  };
}
