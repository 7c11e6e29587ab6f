import type { BuryOperations } from '../../../contract/engine/bury.ts';
import type { Operations } from './operation.ts';

/** Anki's number for cards that the user buried, as opposed to their siblings. */
const byHand = 2;

export const bury: Operations<keyof BuryOperations> = {
  buryCards: {
    title: 'Bury cards',
    kind: 'step',
    async run(session, { cards }) {
      const request = { cardIds: cards.map(BigInt), noteIds: [], mode: byHand };
      const { count } = await session.call('bury_or_suspend_cards', request);
      session.reviewer.outdate();
      return count;
    },
  },
};
