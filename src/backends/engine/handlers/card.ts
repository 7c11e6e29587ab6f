import type * as contract from '../../../contract/card.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { guardedColumns, setColumn } from './card-column.ts';
import { cardDescriber } from './card-info.ts';
import type { Collection } from '../session/collection.ts';
import type { Session } from '../session/session.ts';
import type { Handlers } from '../session/handler.ts';
import { iterate, truthy } from '../../../anki-connect/python.ts';
import { ids, member, numeric, text } from '../session/python.ts';
import { reviewsByCard, type Review } from './review-log.ts';
import { search } from '../session/search.ts';
import { cardId, cardNotFound, ifFound, loadCard, readCard, saveCards, type Card } from './stored-card.ts';
import type { Json } from '../../../lib/json.ts';

const suspendedQueue = -1;
/** Anki's default learn-ahead limit in seconds. */
const learnAheadSeconds = 1200;
const relearning = { ctype: 3, queue: 1 };

/** Returns the cards that match a search term, such as is:due. */
const matching = async (collection: Collection, cards: readonly bigint[], term: string) =>
  new Set(cards.length > 0 ? await search(collection, 'cards', `cid:${cards.join(',')} ${term}`) : []);

function latestReview(reviews: readonly Review[]): Review {
  const last = reviews.at(-1);
  if (!last) throw new AnkiRefused('list index out of range');
  return last;
}

/** Returns the cards that Anki-Connect would change. It skips some, as it removes items from the list that it iterates. */
async function cardsToChange(
  collection: Collection,
  cards: Json | undefined,
  suspend: Json,
): Promise<bigint[]> {
  const list = iterate(cards);
  const found = await Promise.all(list.map((card) => readCard(collection, card)));
  const remaining = [...list.entries()];
  for (let position = 0; position < remaining.length; position++) {
    const [index, card] = remaining[position] ?? [0, null];
    const stored = found[index];
    if (!stored) throw cardNotFound(card);
    if ((stored.queue === suspendedQueue) === suspend) remaining.splice(position, 1);
  }
  return remaining.map(([, card]) => cardId(card));
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

async function answerCard(collection: Collection, answer: Json): Promise<boolean> {
  const cid = cardId(member(answer, 'cardId'));
  if (!(await ifFound(collection.call('get_scheduling_states', { cid })))) return false;
  const ease = member(answer, 'ease');
  if (typeof ease !== 'number' && ease !== true) throw new AnkiRefused('invalid ease');
  const rating = Number(ease) - 1;
  if (![0, 1, 2, 3].includes(rating)) throw new AnkiRefused('invalid ease');
  // While a review queue exists, answer_card refuses every card except the first one.
  await collection.call('grade_now', { cardIds: [cid], rating });
  return true;
}

export const card = {
  async getEaseFactors(collection, { cards }) {
    const found = await Promise.all(iterate(cards).map((value) => readCard(collection, value)));
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
    const stored = await readCard(collection, value);
    if (!stored) throw cardNotFound(value);
    return stored.queue === suspendedQueue;
  },

  async areSuspended(collection, { cards }) {
    const found = await Promise.all(iterate(cards).map((value) => readCard(collection, value)));
    return found.map((stored) => (stored ? stored.queue === suspendedQueue : null));
  },

  async areDue(collection, { cards }) {
    const wanted = iterate(cards).map(numeric);
    const reviewsOf = await reviewsByCard(collection, wanted);
    const newCards = await matching(collection, wanted, 'is:new');
    const dueCards = await matching(collection, wanted, 'is:due');
    return wanted.map((wantedCard) => {
      if (newCards.has(wantedCard)) return true;
      const { id, ivl } = latestReview(reviewsOf(wantedCard));
      return ivl >= -learnAheadSeconds ? dueCards.has(wantedCard) : id / 1000 - ivl <= Date.now() / 1000;
    });
  },

  async getIntervals(collection, { cards, complete }) {
    const wanted = iterate(cards).map(numeric);
    const reviewsOf = await reviewsByCard(collection, wanted);
    const newCards = await matching(collection, wanted, 'is:new');
    return wanted.map((wantedCard) => {
      if (newCards.has(wantedCard)) return 0;
      const reviews = reviewsOf(wantedCard);
      return truthy(complete) ? reviews.map(({ ivl }) => ivl) : latestReview(reviews).ivl;
    });
  },

  async findCards(collection, { query }) {
    return (await search(collection, 'cards', query)).map(Number);
  },

  async cardsToNotes(collection, { cards }) {
    const list = iterate(cards).map(numeric).join(',');
    const rows = await collection.query(`select distinct nid from cards where id in (${list})`);
    return rows.map(([note]) => Number(note));
  },

  async cardsModTime(collection, { cards }) {
    const wanted = iterate(cards).map(cardId);
    const rows = await collection.query(
      'select id, mod from cards where id in (select value from json_each(?))',
      JSON.stringify(wanted.map(Number)),
    );
    const times = new Map(rows.map(([card, mod]) => [Number(card), Number(mod)])).set(0, 0);
    return wanted.map(Number).map((card) => {
      const mod = times.get(card);
      return mod === undefined ? {} : { cardId: card, mod };
    });
  },

  async cardsInfo(collection, { cards }) {
    const describe = cardDescriber(collection);
    const found = await Promise.all(iterate(cards).map((value) => ifFound(describe(cardId(value)))));
    return found.map((info) => info ?? {});
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
    return collection.asOneStep(async () => {
      const answered: boolean[] = [];
      for (const answer of wanted) answered.push(await answerCard(collection, answer));
      return answered;
    });
  },

  async setDueDate(collection, { cards, days }) {
    await collection.call('set_due_date', { cardIds: ids(cards), days: text(days ?? '') });
    return true;
  },
} satisfies Handlers<keyof typeof contract>;
