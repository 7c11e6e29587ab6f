import type { DeckEntry, DeckOperations, TodayLimits } from '../../../contract/engine/deck.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { deckEntries, filteredDeckIds } from '../session/deck-name.ts';
import { readLegacy, readLegacyList, writeLegacy, type Legacy } from '../session/legacy-json.ts';
import type { Session } from '../session/session.ts';
import type { Operations } from './operation.ts';

export const deck: Operations<keyof DeckOperations> = {
  decks: { title: 'Decks', kind: 'read', run: entries },
  presets: {
    title: 'Presets',
    kind: 'read',
    run: async (session) =>
      readLegacyList(await session.call('all_deck_config_legacy', {})).map(({ id, name }) => ({ id, name })),
  },
  renameDeck: {
    title: 'Rename deck',
    kind: 'step',
    run: async (session, { id, name }) => {
      await session.call('rename_deck', { deckId: BigInt(id), newName: name });
      await session.reset();
      return entries(session);
    },
  },
  limitDeckToday: {
    title: 'Limit deck for today',
    kind: 'step',
    run: async (session, { id, newCards, reviews }) => {
      const { daysElapsed } = await session.call('sched_timing_today', {});
      const stored = await legacyDeck(session, id);
      const limit = (key: string, wanted: number | null | undefined): Json =>
        wanted === undefined
          ? (stored[key] ?? null)
          : wanted === null
            ? null
            : { limit: wanted, today: daysElapsed };
      const changed = {
        ...stored,
        newLimitToday: limit('newLimitToday', newCards),
        reviewLimitToday: limit('reviewLimitToday', reviews),
      };
      await session.call('add_or_update_deck_legacy', {
        deck: writeLegacy(changed),
        preserveUsnAndMtime: false,
      });
      await session.reset();
      return limitsOf(await legacyDeck(session, id), daysElapsed);
    },
  },
};

async function entries(session: Session): Promise<readonly DeckEntry[]> {
  const filtered = await filteredDeckIds(session);
  const names = await deckEntries(session);
  return names.map(({ id, name }) => ({ id: Number(id), name, isFiltered: filtered.has(id) }));
}

const legacyDeck = async (session: Session, id: number): Promise<Legacy> =>
  readLegacy(await session.call('get_deck_legacy', { did: BigInt(id) }));

/** Returns the limits that count today: a stored one is of the day on which it was set. */
function limitsOf(stored: Legacy, today: number): TodayLimits {
  const limit = (key: string): number | null => {
    const found = stored[key] ?? null;
    return isObject(found) && found['today'] === today && typeof found['limit'] === 'number'
      ? found['limit']
      : null;
  };
  return { newCards: limit('newLimitToday'), reviews: limit('reviewLimitToday') };
}
