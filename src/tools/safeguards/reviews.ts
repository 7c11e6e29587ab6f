import { actions } from '../../contract/index.ts';
import { countOf } from '../../lib/wording.ts';
import { withIds } from '../search-ids.ts';
import { rule } from './rule.ts';

export const reviews = {
  insertReviews: rule(actions.insertReviews, async (calls) => {
    const rows = calls.flatMap((call) => call.reviews);
    const cards = [...new Set(rows.map(([, card = 0]) => card))];
    if (cards.length === 0) return [];
    return [
      {
        kind: 'answers',
        of: cards,
        searches: withIds('cid:', cards),
        describe: () =>
          `Add ${countOf(rows.length, 'review')} to the history of ${countOf(cards.length, 'card')}, which counts in statistics and in FSRS and cannot be undone`,
      },
    ];
  }),
};
