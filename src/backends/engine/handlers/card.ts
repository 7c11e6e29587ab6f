import type * as contract from '../../../contract/card.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { guarded, setColumn } from './card-column.ts';
import { describing } from './card-info.ts';
import type { Collection } from '../session/collection.ts';
import type { Session } from '../session/session.ts';
import type { Handlers } from '../session/handler.ts';
import { iterate, truthy } from '../../../anki-connect/python.ts';
import { ids, member, numeric, text } from '../session/python.ts';
import { reviewLog, type Review } from './review-log.ts';
import { search } from '../session/search.ts';
import { cardId, cardNotFound, ifFound, saveCards, seenCard, storedCard, type Card } from './stored-card.ts';
import type { Json } from '../../../lib/json.ts';

const suspendedQueue = -1;
const relearning = { ctype: 3, queue: 1 };

/** Those of the cards that a search for them and for `state` finds. */
const having = async (collection: Collection, cards: readonly bigint[], state: string) =>
  new Set(cards.length > 0 ? await search(collection, 'cards', `cid:${cards.join(',')} ${state}`) : []);

function latest(reviews: readonly Review[]): Review {
  const last = reviews.at(-1);
  if (!last) throw new AnkiRefused('list index out of range');
  return last;
}

/** The cards that Anki-Connect sets out to change: it walks a list while it shortens it, and so overlooks some. */
async function yetToChange(
  collection: Collection,
  cards: Json | undefined,
  suspend: Json,
): Promise<bigint[]> {
  const given = iterate(cards);
  const found = await Promise.all(given.map((card) => seenCard(collection, card)));
  const left = [...given.entries()];
  for (let at = 0; at < left.length; at++) {
    const [place, card] = left[at] ?? [0, null];
    const seen = found[place];
    if (!seen) throw cardNotFound(card);
    if ((seen.queue === suspendedQueue) === suspend) left.splice(at, 1);
  }
  return left.map(([, card]) => cardId(card));
}

async function setSuspended(collection: Session, cards: Json | undefined, suspend: Json): Promise<boolean> {
  const changing = await yetToChange(collection, cards, suspend);
  if (changing.length === 0) return false;
  await collection.reset();
  if (truthy(suspend)) {
    await collection.call('bury_or_suspend_cards', { cardIds: changing, noteIds: [], mode: 0 });
  } else await collection.call('restore_buried_and_suspended_cards', { cids: changing });
  return true;
}

async function answer(collection: Collection, given: Json): Promise<boolean> {
  const cid = cardId(member(given, 'cardId'));
  if (!(await ifFound(collection.call('get_scheduling_states', { cid })))) return false;
  const ease = member(given, 'ease');
  if (typeof ease !== 'number' && ease !== true) throw new AnkiRefused('invalid ease');
  const rating = Number(ease) - 1;
  if (![0, 1, 2, 3].includes(rating)) throw new AnkiRefused('invalid ease');
  // Not answer_card: that refuses every card but the first while there is a queue for review.
  await collection.call('grade_now', { cardIds: [cid], rating });
  return true;
}

export const card = {
  async getEaseFactors(collection, { cards }) {
    const seen = await Promise.all(iterate(cards).map((given) => seenCard(collection, given)));
    return seen.map((found) => found?.easeFactor ?? null);
  },

  async setEaseFactors(collection, { cards, easeFactors }) {
    const factors = iterate(easeFactors);
    const found = await Promise.all(iterate(cards).map((given) => storedCard(collection, given)));
    const changed: Card[] = [];
    try {
      for (const [place, stored] of found.entries()) {
        if (!stored) continue;
        const factor = factors[place];
        if (factor === undefined) throw new AnkiRefused('list index out of range');
        setColumn(stored, 'factor', factor);
        changed.push(stored);
      }
    } finally {
      // Before a factor that is refused, the others are written.
      await saveCards(collection, changed);
    }
    return found.map((stored) => stored !== undefined);
  },

  async setSpecificValueOfCard(collection, { card: given = null, keys, newValues, warning_check = false }) {
    if (Array.isArray(given) || !Array.isArray(keys) || !Array.isArray(newValues)) return false;
    if (keys.length !== newValues.length) return false;
    if (warning_check === false && keys.some((key) => guarded.has(key))) return false;
    try {
      const stored = await storedCard(collection, given);
      if (!stored) throw cardNotFound(given);
      for (const [place, key] of keys.entries()) setColumn(stored, key, newValues[place] ?? null);
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

  async suspended(collection, { card: given = null }) {
    const seen = await seenCard(collection, given);
    if (!seen) throw cardNotFound(given);
    return seen.queue === suspendedQueue;
  },

  async areSuspended(collection, { cards }) {
    const seen = await Promise.all(iterate(cards).map((given) => seenCard(collection, given)));
    return seen.map((found) => (found ? found.queue === suspendedQueue : null));
  },

  async areDue(collection, { cards }) {
    const wanted = iterate(cards).map(numeric);
    const reviewsOf = await reviewLog(collection, wanted);
    const fresh = await having(collection, wanted, 'is:new');
    const due = await having(collection, wanted, 'is:due');
    const learnAhead = 1200;
    return wanted.map((wantedCard) => {
      if (fresh.has(wantedCard)) return true;
      const { id, ivl } = latest(reviewsOf(wantedCard));
      return ivl >= -learnAhead ? due.has(wantedCard) : id / 1000 - ivl <= Date.now() / 1000;
    });
  },

  async getIntervals(collection, { cards, complete }) {
    const wanted = iterate(cards).map(numeric);
    const reviewsOf = await reviewLog(collection, wanted);
    const fresh = await having(collection, wanted, 'is:new');
    return wanted.map((wantedCard) => {
      if (fresh.has(wantedCard)) return 0;
      const reviews = reviewsOf(wantedCard);
      return truthy(complete) ? reviews.map(({ ivl }) => ivl) : latest(reviews).ivl;
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
    const seen = await Promise.all(iterate(cards).map((given) => seenCard(collection, given)));
    return seen.map((found) => (found ? { cardId: Number(found.id), mod: Number(found.mtimeSecs) } : {}));
  },

  async cardsInfo(collection, { cards }) {
    const describe = describing(collection);
    const found = await Promise.all(iterate(cards).map((given) => ifFound(describe(cardId(given)))));
    return found.map((info) => info ?? {});
  },

  async forgetCards(collection, { cards }) {
    const cardIds = ids(cards);
    await collection.reset();
    const keeping = { log: true, restorePosition: true, resetCounts: false };
    await collection.call('schedule_cards_as_new', { cardIds, ...keeping });
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

  async answerCards(collection, { answers: given }) {
    const wanted = iterate(given);
    return collection.asOneStep(async () => {
      const answered: boolean[] = [];
      for (const item of wanted) answered.push(await answer(collection, item));
      return answered;
    });
  },

  async setDueDate(collection, { cards, days }) {
    await collection.call('set_due_date', { cardIds: ids(cards), days: text(days ?? '') });
    return true;
  },
} satisfies Handlers<keyof typeof contract>;
