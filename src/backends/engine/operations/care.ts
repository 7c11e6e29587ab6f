import type { CareOperations } from '../../../contract/engine/care.ts';
import type { Operations } from './operation.ts';

export const care: Operations<keyof CareOperations> = {
  emptyCards: {
    title: 'Empty cards',
    kind: 'read',
    run: async (session) => {
      const { notes } = await session.call('get_empty_cards', {});
      return notes
        .map(({ noteId, cardIds, willDeleteNote }) => ({
          note: Number(noteId),
          cards: cardIds.map(Number),
          isWhole: willDeleteNote,
        }))
        .toSorted((a, b) => a.note - b.note);
    },
  },
};
