import type { Collection } from '../session/collection.ts';
import { deckEntries } from '../session/deck-name.ts';
import { readLegacy, readLegacyList, writeLegacy, type Legacy } from '../session/legacy-json.ts';

/** Decks of a removed group keep its id and use the default group, until somebody assigns that to them. */
const defaultGroup = 1;

/** Restores options groups that were removed since the backup, and assigns them to their decks. */
export async function restoreOptionsGroups(here: Collection, backup: Collection): Promise<void> {
  const existing = new Set((await groupsIn(here)).map(({ id }) => id));
  const removed = (await groupsIn(backup)).filter(({ id }) => !existing.has(id));
  if (removed.length === 0) return;
  const [decks, savedDecks] = [await decksIn(here), await decksIn(backup)];
  for (const group of removed) {
    const users = decks.filter(
      (deck) =>
        [defaultGroup, group.id].includes(Number(deck['conf'])) &&
        savedDecks.some((saved) => saved.id === deck.id && Number(saved['conf']) === group.id),
    );
    if (users.length === 0) continue;
    await here.call('add_or_update_deck_config_legacy', { json: writeLegacy(group) });
    for (const deck of users) {
      await here.call('add_or_update_deck_legacy', {
        deck: writeLegacy({ ...deck, conf: group.id }),
        preserveUsnAndMtime: false,
      });
    }
  }
}

const groupsIn = async (collection: Collection): Promise<readonly Legacy[]> =>
  readLegacyList(await collection.call('all_deck_config_legacy', {}));

async function decksIn(collection: Collection): Promise<readonly Legacy[]> {
  const names = await deckEntries(collection, false);
  return Promise.all(
    names.map(async ({ id: did }) => readLegacy(await collection.call('get_deck_legacy', { did }))),
  );
}
