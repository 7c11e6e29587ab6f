import type { Output } from '../../../contract/index.ts';
import { questionOf } from '../../card-text/card-side.ts';
import { excerpt } from '../../card-text/excerpt.ts';
import { readCards, type Card } from '../reading.ts';
import { toText } from '../../card-text/text.ts';
import { percent } from './chart.ts';
import type { Insight, Facts } from './facts.ts';
import type { Json } from '../../../lib/json.ts';

type Review = Output<'getReviewsOfCards'>[string][number];

const mostCandidates = 100;
const shown = 10;
const weakFrom = 4;
const lapseSteps = [weakFrom, 8, 16, 32];

/** Cards that were forgotten often or take long, with the reasons. */
export async function weak(facts: Facts): Promise<Insight> {
  const [leeches, lapsed, { reviews: recent }] = await Promise.all([
    facts.cards('tag:leech'),
    Promise.all(lapseSteps.map((lapses) => facts.cards(`prop:lapses>=${lapses}`))),
    facts.reviews,
  ]);
  // The highest step that still leaves enough to choose from, so that few logs have to be read.
  const worst = lapsed.findLast((cards) => cards.length >= shown) ?? lapsed[0] ?? [];
  const candidates = [...new Set([...worst, ...leeches])].slice(0, mostCandidates);
  const missing = candidates.filter((card) => !Object.hasOwn(recent, String(card)));
  const older = missing.length > 0 ? await facts.context.call('getReviewsOfCards', { cards: missing }) : {};
  const logs = Object.entries({ ...recent, ...older }).map(([card, log]) => record(Number(card), log));
  const usual = median(logs.flatMap(({ seconds }) => (seconds > 0 ? [seconds] : [])));
  const picked = logs
    .map((log) => ({ ...log, slow: log.seconds > 15 && log.seconds > 2 * usual }))
    .map((log) => ({
      ...log,
      weight: (log.again * log.again) / Math.max(1, log.answers) + (log.slow ? 1 : 0),
    }))
    .filter(({ card, again, slow }) => again >= 3 || slow || leeches.includes(card))
    .toSorted((a, b) => b.weight - a.weight || a.card - b.card)
    .slice(0, shown);
  const read = await readCards(
    facts.context,
    picked.map(({ card }) => card),
  );
  const cards = new Map(read.cards.map((card) => [card.cardId, card]));
  const samples = picked.flatMap((log) => {
    const card = cards.get(log.card);
    return card ? [describe(card, log, { usual, leech: leeches.includes(log.card) })] : [];
  });
  return {
    leeches: { cards: leeches.length, search: facts.within('tag:leech') },
    oftenForgotten: {
      cards: lapsed[0]?.length ?? 0,
      search: facts.within(`prop:lapses>=${weakFrom}`),
    },
    ...(samples.length > 0 && {
      search: `cid:${picked.map(({ card }) => card).join(',')}`,
      advice: 'Split, reword or add a hint; viewCards shows them, saveNotes changes them.',
    }),
    samples,
  };
}

interface Record {
  readonly card: number;
  readonly answers: number;
  readonly again: number;
  /** Of an answer, on the average. */
  readonly seconds: number;
}

/** Without entries that no answer made, as those of rescheduling. */
function record(card: number, log: readonly Review[]): Record {
  const answers = log.filter(({ ease }) => ease > 0);
  const time = answers.reduce((sum, review) => sum + review.time, 0);
  return {
    card,
    answers: answers.length,
    again: answers.filter(({ ease, type }) => ease === 1 && type !== 0).length,
    seconds: answers.length > 0 ? time / answers.length / 1000 : 0,
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function describe(
  card: Card,
  { answers, again, seconds, slow }: Record & { slow: boolean },
  { usual, leech }: { usual: number; leech: boolean },
): Json {
  const reasons = [
    ...(leech ? ['leech'] : []),
    ...(card.lapses > 0 ? [`${card.lapses} lapse${card.lapses > 1 ? 's' : ''}`] : []),
    ...(again > 0 ? [`Again ${again} of ${answers} times (${percent(again / answers)})`] : []),
    ...(slow ? [`${Math.round(seconds)} s an answer, usual ${Math.round(usual)} s`] : []),
    ...(card.queue === -1 ? ['suspended'] : []),
  ];
  return {
    card: card.cardId,
    note: card.note,
    deck: card.deckName,
    question: excerpt(toText(questionOf(card.question)), 80),
    why: reasons.join('; '),
  };
}
