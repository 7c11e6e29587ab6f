import type * as contract from '../../../contract/deck.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { deckEntries, deckName, defaultDeckId, findDeck } from '../session/deck-name.ts';
import type { Handlers } from '../session/handler.ts';
import { readLegacy, readLegacyList, writeLegacy, type Legacy } from '../session/legacy-json.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { iterate, truthy } from '../../../anki-connect/python.ts';
import { joinCards, valuesInOrder } from './id-list.ts';
import { id, member, numeric, shortIds, text } from '../session/python.ts';
import type { RpcResponse } from '../process/rpc.ts';

/** Returns the id of the deck with this name. Creates the deck and its parents if it does not exist. */
export async function ensureDeck(collection: Collection, deckName: Json | undefined): Promise<bigint> {
  const name = deckName === null ? 'blank' : text(deckName);
  const found = await findDeck(collection, name);
  if (found !== undefined) return found;
  if (deckName === null) throw new AnkiRefused('JsonError { info: "invalid type: null, expected a string" }');
  const newDeck = await collection.call('new_deck', {});
  return (await collection.call('add_deck', { ...newDeck, name })).id;
}

/** Returns the id of the deck with this name in the same letter case. */
async function findExactDeck(collection: Collection, name: Json | undefined): Promise<bigint | undefined> {
  return (await deckEntries(collection)).find((entry) => entry.name === name)?.id;
}

async function findOptionsGroup(collection: Collection, groupId: bigint): Promise<Legacy | undefined> {
  const all = readLegacyList(await collection.call('all_deck_config_legacy', {}));
  return all.find((group) => BigInt(group.id) === groupId);
}

/** Yields all decks below a node of the deck tree. */
function* descendants(node: RpcResponse<'deck_tree'>): Generator<RpcResponse<'deck_tree'>> {
  for (const child of node.children) {
    yield child;
    yield* descendants(child);
  }
}

/** Assigns the default options group to the decks of a group, as Anki does before it removes the group. */
async function assignDefaultGroup(collection: Collection, group: bigint): Promise<void> {
  for (const { id: did } of await deckEntries(collection)) {
    const stored = readLegacy(await collection.call('get_deck_legacy', { did }));
    if (stored['conf'] === undefined || numeric(stored['conf']) !== group) continue;
    const deck = writeLegacy({ ...stored, conf: 1 });
    await collection.call('add_or_update_deck_legacy', { deck, preserveUsnAndMtime: false });
  }
}

export const deck = {
  async deckNames(collection) {
    return (await deckEntries(collection)).map(({ name }) => name);
  },

  async deckNamesAndIds(collection) {
    return Object.fromEntries((await deckEntries(collection)).map((entry) => [entry.name, Number(entry.id)]));
  },

  async getDecks(collection, { cards }) {
    const wanted = shortIds(iterate(cards), numeric);
    const [deckIds = []] = await valuesInOrder(collection, wanted, joinCards, 'c.did');
    const names = new Map<Json, string>();
    for (const did of new Set(deckIds)) names.set(did, await deckName(collection, id(did) || defaultDeckId));
    const decks = new Map<string, number[]>();
    for (const [index, card] of wanted.entries()) {
      const name = names.get(deckIds[index] ?? null) ?? '';
      const list = decks.get(name);
      if (list) list.push(Number(card));
      else decks.set(name, [Number(card)]);
    }
    return Object.fromEntries(decks);
  },

  async createDeck(collection, { deck }) {
    collection.resetForAdding();
    return Number(await ensureDeck(collection, deck));
  },

  async changeDeck(collection, { cards, deck }) {
    await collection.reset();
    await collection.asOneStep(async () => {
      const deckId = await ensureDeck(collection, deck);
      const cardIds = [...new Set(iterate(cards).map(numeric))];
      await collection.call('set_deck', { cardIds, deckId });
    });
    return null;
  },

  async deleteDecks(collection, { decks, cardsToo }) {
    if (!truthy(cardsToo)) {
      throw new AnkiRefused(
        "Since Anki 2.1.28 it's not possible to delete decks without deleting cards as well",
      );
    }
    await collection.reset();
    const wanted = new Set(iterate(decks));
    const dids = (await deckEntries(collection))
      .filter(({ name }) => wanted.has(name))
      .map((entry) => entry.id);
    await collection.call('remove_decks', { dids });
    return null;
  },

  async getDeckConfig(collection, { deck }) {
    const did = await findExactDeck(collection, deck);
    if (did === undefined) return false;
    const found = readLegacy(await collection.call('get_deck_legacy', { did }));
    if (found['dyn'] === 1) return found;
    const dcid = id(found['conf'] ?? 1);
    return { ...readLegacy(await collection.call('get_deck_config_legacy', { dcid })), dyn: false };
  },

  async saveDeckConfig(collection, { config }) {
    if (!isObject(config))
      throw new AnkiRefused('The options group must be an object as getDeckConfig returns it.');
    const groupId = numeric(member(config, 'id') ?? 'None');
    if (!(await findOptionsGroup(collection, groupId)) || !('maxTaken' in config)) return false;
    try {
      const group = { ...config, id: groupId, mod: Math.floor(Date.now() / 1000), usn: -1 };
      await collection.call('add_or_update_deck_config_legacy', { json: writeLegacy(group) });
      return true;
    } catch (error) {
      if (error instanceof AnkiRefused) return false;
      throw error;
    }
  },

  async setDeckConfigId(collection, { decks, configId }) {
    const known = new Map<Json, bigint>(
      (await deckEntries(collection)).map((entry) => [entry.name, entry.id]),
    );
    const dids = iterate(decks).map((name) => known.get(name));
    if (dids.includes(undefined)) return false;
    const conf = numeric(configId);
    await collection.asOneStep(async () => {
      for (const did of dids) {
        const changed = { ...readLegacy(await collection.call('get_deck_legacy', { did: did ?? 0n })), conf };
        await collection.call('add_or_update_deck_legacy', {
          deck: writeLegacy(changed),
          preserveUsnAndMtime: false,
        });
      }
    });
    return true;
  },

  async cloneDeckConfigId(collection, { name, cloneFrom }) {
    const source = await findOptionsGroup(collection, numeric(cloneFrom === undefined ? 1 : cloneFrom));
    if (!source) return false;
    const clone = { ...source, id: 0, name: name ?? null };
    const { dcid } = await collection.call('add_or_update_deck_config_legacy', { json: writeLegacy(clone) });
    return Number(dcid);
  },

  async removeDeckConfigId(collection, { configId }) {
    if (configId === 1) throw new AnkiRefused("can't delete default conf");
    const dcid = numeric(configId);
    if (!(await findOptionsGroup(collection, dcid))) return false;
    await assignDefaultGroup(collection, dcid);
    await collection.call('remove_deck_config', { dcid: id(configId) });
    return true;
  },

  async getDeckStats(collection, { decks }) {
    const wanted = new Set<bigint>();
    const known = new Map<Json, bigint>(
      (await deckEntries(collection)).map((entry) => [entry.name, entry.id]),
    );
    for (const name of iterate(decks)) wanted.add(known.get(name) ?? (await ensureDeck(collection, name)));
    const now = BigInt(Math.floor(Date.now() / 1000));
    const tree = await collection.asRead(() => collection.call('deck_tree', { now }));
    const chosen = [...descendants(tree)].filter((node) => wanted.has(node.deckId));
    return Object.fromEntries(
      chosen.map((node) => [
        String(node.deckId),
        {
          deck_id: Number(node.deckId),
          name: node.name,
          new_count: node.newCount,
          learn_count: node.learnCount,
          review_count: node.reviewCount,
          total_in_deck: node.totalInDeck,
        },
      ]),
    );
  },

  async deckNameFromId(collection, { deckId }) {
    return deckName(collection, truthy(deckId) ? numeric(deckId) : 0n);
  },
} satisfies Handlers<keyof typeof contract>;
