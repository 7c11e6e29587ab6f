import { countOf } from '../../../lib/wording.ts';
import { find } from '../../search-ids.ts';
import type { Context } from '../../workflow.ts';

/** Asks the user and makes a backup before a change of FSRS that concerns the cards of these searches. */
export const approveChange = (context: Context, searches: readonly string[], what: string): Promise<void> =>
  context.approve({
    actions: ['fsrs'],
    assess: async (scan) => {
      const cards = await find(scan, 'findCards', searches);
      const describe = () => `${what}, for ${countOf(cards.length, 'card')}`;
      return [{ kind: 'schedule', of: cards, searches, describe }];
    },
  });
