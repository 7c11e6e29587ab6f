import {
  filteredOrders,
  type FilteredDeck,
  type FilteredDeckOperations,
} from '../../../contract/engine/filtered-deck.ts';
import type { Collection } from '../session/collection.ts';
import { filteredDeckIds } from '../session/deck-name.ts';
import type { Session } from '../session/session.ts';
import type { Operation, Operations } from './operation.ts';

export const filteredDeck: Operations<keyof FilteredDeckOperations> = {
  filteredDecks: {
    title: 'Filtered decks',
    kind: 'read',
    run: async (session) => {
      const decks: FilteredDeck[] = [];
      for (const id of await filteredDeckIds(session)) decks.push(await read(session, id));
      return decks;
    },
  },
  saveFilteredDeck: {
    title: 'Build filtered deck',
    kind: 'step',
    run: async (session, { id = 0, name, searches, reschedule, allowEmpty }) => {
      const form = await session.call('get_or_create_filtered_deck', { did: BigInt(id) });
      const searchTerms = searches.map((each) => ({ ...each, order: filteredOrders.indexOf(each.order) }));
      const {
        delays = [],
        previewDelay = 0,
        previewAgainSecs = 0,
        previewHardSecs = 0,
        previewGoodSecs = 0,
      } = form.config ?? {};
      const preview = { delays, previewDelay, previewAgainSecs, previewHardSecs, previewGoodSecs };
      const saved = await session.call('add_or_update_filtered_deck', {
        id: form.id,
        name,
        config: { reschedule, searchTerms, ...preview },
        allowEmpty,
      });
      return after(session, saved.id);
    },
  },
  rebuildFilteredDeck: stepOn('rebuild_filtered_deck', 'Rebuild filtered deck'),
  emptyFilteredDeck: stepOn('empty_filtered_deck', 'Empty filtered deck'),
  deleteFilteredDeck: {
    title: 'Delete filtered deck',
    kind: 'step',
    run: async (session, { id }) => {
      await session.call('remove_decks', { dids: [BigInt(id)] });
      session.resetForAdding();
      return null;
    },
  },
};

/** Returns the operation that calls a method of the engine with the id of a deck. */
function stepOn(
  method: 'rebuild_filtered_deck' | 'empty_filtered_deck',
  title: string,
): Operation<'rebuildFilteredDeck' | 'emptyFilteredDeck'> {
  return {
    title,
    kind: 'step',
    run: async (session, { id }) => {
      const did = BigInt(id);
      await session.call(method, { did });
      return after(session, did);
    },
  };
}

async function read(collection: Collection, did: bigint): Promise<FilteredDeck> {
  const { name, config } = await collection.call('get_or_create_filtered_deck', { did });
  const [[cards = 0] = []] = await collection.query('select count() from cards where did = ?', Number(did));
  return {
    id: Number(did),
    name,
    searches: (config?.searchTerms ?? []).map(({ search, limit, order }) => ({
      search,
      limit,
      order: filteredOrders[order] ?? 'random',
    })),
    reschedule: config?.reschedule ?? false,
    cards: Number(cards),
  };
}

/** Returns the deck as it is now. A review then looks up its next card. */
async function after(session: Session, did: bigint): Promise<FilteredDeck> {
  session.resetForAdding();
  return read(session, did);
}
