import { actions } from '../../contract/index.ts';
import { rule, type Risk } from './rule.ts';
import { sampled } from './sample.ts';
import { counted, find, listed, reviewed, withIds, type Survey } from './survey.ts';

/** So many cards a person may still look at one by one. */
const few = 20;

async function onMany(
  survey: Survey,
  given: readonly number[],
  deed: (cards: string) => string,
): Promise<Risk[]> {
  if (new Set(given).size <= few) return [];
  const searches = withIds('cid:', given);
  const cards = await find(survey, 'findCards', searches);
  if (cards.length <= few) return [];
  const first = await survey.call('cardsToNotes', { cards: cards.slice(0, few) });
  const [texts, known] = await Promise.all([sampled(survey, first), reviewed(survey, searches)]);
  return [{ deed: deed(`${counted(cards.length, 'card')}${texts}, ${known},`), searches }];
}

export const card = {
  forgetCards: rule(actions.forgetCards, (calls, survey) =>
    onMany(
      survey,
      calls.flatMap(({ cards }) => cards),
      (cards) => `Make ${cards} new again, which drops their schedule`,
    ),
  ),
  relearnCards: rule(actions.relearnCards, (calls, survey) =>
    onMany(
      survey,
      calls.flatMap(({ cards }) => cards),
      (cards) => `Put ${cards} into relearning`,
    ),
  ),
  setDueDate: rule(actions.setDueDate, (calls, survey) =>
    onMany(
      survey,
      calls.flatMap(({ cards }) => cards),
      (cards) => `Make ${cards} due in ${listed([...new Set(calls.map(({ days }) => days))])} days`,
    ),
  ),
  setEaseFactors: rule(actions.setEaseFactors, (calls, survey) =>
    onMany(
      survey,
      calls.flatMap(({ cards }) => cards),
      (cards) => `Give ${cards} other ease factors`,
    ),
  ),
  answerCards: rule(actions.answerCards, (calls, survey) =>
    onMany(
      survey,
      calls.flatMap(({ answers }) => answers.map(({ cardId }) => cardId)),
      (cards) => `Answer ${cards} as if you had reviewed them`,
    ),
  ),
};
