import { z } from 'zod';
import { changed, created, flag, int, int64, opChanges, text } from './messages.ts';

const did = z.object({ did: int64 });
const config = z.object({
  reschedule: flag,
  searchTerms: z.array(z.object({ search: text, limit: int, order: int })),
  delays: z.array(z.number()),
  previewDelay: int,
  previewAgainSecs: int,
  previewHardSecs: int,
  previewGoodSecs: int,
});
const filteredDeck = z.object({ id: int64, name: text, config: config.optional(), allowEmpty: flag });

/** Methods for filtered decks. */
export const filteredDeckMethods = {
  get_or_create_filtered_deck: [did, filteredDeck],
  add_or_update_filtered_deck: [filteredDeck, created],
  rebuild_filtered_deck: [did, changed],
  empty_filtered_deck: [did, opChanges],
} as const;
