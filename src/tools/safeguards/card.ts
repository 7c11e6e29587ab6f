import { actions } from '../../contract/index.ts';
import { rule, type Risk } from './rule.ts';
import { withSamples } from './sample.ts';
import { countOf, find, listNames, reviewedShare, withIds, type Scan } from './scan.ts';

/** Maximum number of cards that a call changes without a question. */
const maxUnasked = 20;

async function onMany(
  scan: Scan,
  ids: readonly number[],
  consequence: (cards: string) => string,
): Promise<Risk[]> {
  if (new Set(ids).size <= maxUnasked) return [];
  const searches = withIds('cid:', ids);
  const cards = await find(scan, 'findCards', searches);
  if (cards.length <= maxUnasked) return [];
  const first = await scan.call('cardsToNotes', { cards: cards.slice(0, maxUnasked) });
  const [texts, share] = await Promise.all([withSamples(scan, first), reviewedShare(scan, searches)]);
  return [{ consequence: consequence(`${countOf(cards.length, 'card')}${texts}, ${share},`), searches }];
}

export const card = {
  forgetCards: rule(actions.forgetCards, (calls, scan) =>
    onMany(
      scan,
      calls.flatMap(({ cards }) => cards),
      (cards) => `Make ${cards} new again, which deletes their schedule`,
    ),
  ),
  relearnCards: rule(actions.relearnCards, (calls, scan) =>
    onMany(
      scan,
      calls.flatMap(({ cards }) => cards),
      (cards) => `Put ${cards} into relearning`,
    ),
  ),
  setDueDate: rule(actions.setDueDate, (calls, scan) =>
    onMany(
      scan,
      calls.flatMap(({ cards }) => cards),
      (cards) => `Make ${cards} due in ${listNames([...new Set(calls.map(({ days }) => days))])} days`,
    ),
  ),
  setEaseFactors: rule(actions.setEaseFactors, (calls, scan) =>
    onMany(
      scan,
      calls.flatMap(({ cards }) => cards),
      (cards) => `Give ${cards} different ease factors`,
    ),
  ),
  answerCards: rule(actions.answerCards, (calls, scan) =>
    onMany(
      scan,
      calls.flatMap(({ answers }) => answers.map(({ cardId }) => cardId)),
      (cards) => `Answer ${cards} as if you had reviewed them`,
    ),
  ),
};
