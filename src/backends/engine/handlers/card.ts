import type * as contract from '../../../contract/card.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { guardedColumns, setColumn } from './card-column.ts';
import { answerInOrder } from './card-answer.ts';
import { joinCards, valuesInOrder } from './id-list.ts';
import { describeCards } from './card-info.ts';
import type { Collection } from '../session/collection.ts';
import type { Session } from '../session/session.ts';
import type { Handlers } from '../session/handler.ts';
import { iterate, truthy } from '../../../anki-connect/python.ts';
import { idOrZero, ids, listedId, numeric, shortId, shortIds, text, type Id } from '../session/python.ts';
import { latestReviews, reviewsByCard } from './review-log.ts';
import { search } from '../session/search.ts';
import { cardNotFound, ifFound, loadCard, readCards, saveCards, type Card } from './stored-card.ts';
import type { Json } from '../../../lib/json.ts';

const suspendedQueue = -1;
/** Anki's default learn-ahead limit in seconds. */
const learnAheadSeconds = 1200;
const relearning = { ctype: 3, queue: 1 };

/** Returns a value for each card in turn: one value for all new cards. `types` are the types of the cards. */
async function ifNew<T>(
  collection: Collection,
  cards: readonly Id[],
  types: readonly Json[],
  valueOfNew: T,
  valueOf: (card: Id, index: number) => T,
): Promise<T[]> {
  const values: T[] = [];
  for (const [index, card] of cards.entries()) {
    // Anki-Connect searches for each card, and the search refuses negative ids.
    if (card < 0) await search(collection, 'cards', `cid:${card}`);
    values.push(types[index] === 0 ? valueOfNew : valueOf(card, index));
  }
  return values;
}

/** Returns those of the cards that are due. */
async function dueCards(collection: Collection, cards: readonly Id[]): Promise<ReadonlySet<Id>> {
  const possible = cards.filter((card) => card >= 0);
  if (possible.length === 0) return new Set();
  const found = await search(collection, 'cards', `cid:${possible.join(',')} is:due`);
  return new Set(found.map(shortId));
}

/**
 * Returns the cards that Anki-Connect would change. It removes the others from the list that it iterates, and so skips the
 * card after each removed one.
 */
async function cardsToChange(
  collection: Collection,
  cards: Json | undefined,
  suspend: Json,
): Promise<bigint[]> {
  const list = iterate(cards);
  const found = await readCards(collection, list);
  const changing: Json[] = [];
  let isSkipped = false;
  for (const [index, card] of list.entries()) {
    const stored = found[index];
    if (!isSkipped && !stored) throw cardNotFound(card);
    const isRemoved: boolean = !isSkipped && (stored?.queue === suspendedQueue) === suspend;
    if (!isRemoved) changing.push(card);
    isSkipped = isRemoved;
  }
  return changing.map(listedId);
}

async function setSuspended(collection: Session, cards: Json | undefined, suspend: Json): Promise<boolean> {
  const changing = await cardsToChange(collection, cards, suspend);
  if (changing.length === 0) return false;
  await collection.reset();
  if (truthy(suspend)) {
    await collection.call('bury_or_suspend_cards', { cardIds: changing, noteIds: [], mode: 0 });
  } else await collection.call('restore_buried_and_suspended_cards', { cids: changing });
  return true;
}

export const card = {
  async getEaseFactors(collection, { cards }) {
    const found = await readCards(collection, iterate(cards));
    return found.map((stored) => stored?.easeFactor ?? null);
  },

  async setEaseFactors(collection, { cards, easeFactors }) {
    const factors = iterate(easeFactors);
    const found = await Promise.all(iterate(cards).map((value) => loadCard(collection, value)));
    const changed: Card[] = [];
    try {
      for (const [index, stored] of found.entries()) {
        if (!stored) continue;
        const factor = factors[index];
        if (factor === undefined) throw new AnkiRefused('list index out of range');
        setColumn(stored, 'factor', factor);
        changed.push(stored);
      }
    } finally {
      // As in Anki-Connect, the cards before an invalid factor are saved.
      await saveCards(collection, changed);
    }
    return found.map((stored) => stored !== undefined);
  },

  async setSpecificValueOfCard(collection, { card: value = null, keys, newValues, warning_check = false }) {
    if (Array.isArray(value) || !Array.isArray(keys) || !Array.isArray(newValues)) return false;
    if (keys.length !== newValues.length) return false;
    if (warning_check === false && keys.some((key) => guardedColumns.has(key))) return false;
    try {
      const stored = await loadCard(collection, value);
      if (!stored) throw cardNotFound(value);
      for (const [index, key] of keys.entries()) setColumn(stored, key, newValues[index] ?? null);
      await saveCards(collection, [stored]);
      return [true];
    } catch (error) {
      if (error instanceof AnkiRefused) return [[false, error.message]];
      throw error;
    }
  },

  async suspend(collection, { cards, suspend = true }) {
    return setSuspended(collection, cards, suspend ?? null);
  },

  async unsuspend(collection, { cards }) {
    await setSuspended(collection, cards, false);
    return null;
  },

  async suspended(collection, { card: value = null }) {
    const [stored] = await readCards(collection, [value]);
    if (!stored) throw cardNotFound(value);
    return stored.queue === suspendedQueue;
  },

  async areSuspended(collection, { cards }) {
    const found = await readCards(collection, iterate(cards));
    return found.map((stored) => (stored ? stored.queue === suspendedQueue : null));
  },

  async areDue(collection, { cards }) {
    const wanted = shortIds(iterate(cards), numeric);
    const [types, latestReview] = await latestReviews(collection, wanted);
    const isDue = await dueCards(collection, wanted);
    return ifNew(collection, wanted, types, true, (card, index) => {
      const { id: time, ivl } = latestReview(index);
      return ivl >= -learnAheadSeconds ? isDue.has(card) : time / 1000 - ivl <= Date.now() / 1000;
    });
  },

  async getIntervals(collection, { cards, complete }) {
    const wanted = shortIds(iterate(cards), numeric);
    if (truthy(complete)) {
      const [types = []] = await valuesInOrder(collection, wanted, joinCards, 'c.type');
      const reviewsOf = await reviewsByCard(collection, wanted);
      const intervalsOf = (card: Id) => reviewsOf(card).map(({ ivl }) => ivl);
      return ifNew<number | number[]>(collection, wanted, types, 0, intervalsOf);
    }
    const [types, latestReview] = await latestReviews(collection, wanted);
    return ifNew(collection, wanted, types, 0, (_, index) => latestReview(index).ivl);
  },

  async findCards(collection, { query }) {
    return (await search(collection, 'cards', query)).map(Number);
  },

  async cardsToNotes(collection, { cards }) {
    const list = shortIds(iterate(cards), numeric).join(',');
    const rows = await collection.query(`select distinct nid from cards where id in (${list})`);
    return rows.map(([note]) => Number(note));
  },

  async cardsModTime(collection, { cards }) {
    const wanted = shortIds(iterate(cards), idOrZero);
    const [times = []] = await valuesInOrder(collection, wanted, joinCards, 'c.mod');
    return wanted.map((card, index) => {
      const mod = card === 0 ? 0 : times[index];
      return typeof mod === 'number' ? { cardId: Number(card), mod } : {};
    });
  },

  async cardsInfo(collection, { cards }) {
    return describeCards(collection, iterate(cards).map(idOrZero));
  },

  async forgetCards(collection, { cards }) {
    const cardIds = ids(cards);
    await collection.reset();
    const options = { log: true, restorePosition: true, resetCounts: false };
    await collection.call('schedule_cards_as_new', { cardIds, ...options });
    return null;
  },

  async relearnCards(collection, { cards }) {
    const wanted = new Set(iterate(cards).map(numeric));
    await collection.reset();
    const found = await Promise.all([...wanted].map((cid) => ifFound(collection.call('get_card', { cid }))));
    const changed = found.flatMap((stored) => (stored ? [Object.assign(stored, relearning)] : []));
    await saveCards(collection, changed);
    return null;
  },

  async answerCards(collection, { answers }) {
    const wanted = iterate(answers);
    return collection.asOneStep(() => answerInOrder(collection, wanted));
  },

  async setDueDate(collection, { cards, days }) {
    await collection.call('set_due_date', { cardIds: ids(cards), days: text(days ?? '') });
    return true;
  },
} satisfies Handlers<keyof typeof contract>;
