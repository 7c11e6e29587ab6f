import type { Output } from '../../../contract/index.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { reviewColumns } from '../../../contract/review-columns.ts';
import type { Collection } from '../session/collection.ts';
import type { Json } from '../../../lib/json.ts';
import type { Id } from '../session/python.ts';
import { inList, joinCards, jsonList, valuesInOrder } from './id-list.ts';

export type Review = Output<'getReviewsOfCards'>[string][number];

/** Columns of the review log as part of SQL. */
export const columnList = reviewColumns.map(({ name }) => name).join(',');

/** Returns a function that looks up a card's reviews, oldest first. */
export async function reviewsByCard(
  collection: Collection,
  cards: readonly Id[],
): Promise<(card: Id) => Review[]> {
  const rows = await collection.query(
    `select ${columnList} from revlog where cid ${inList} order by id`,
    jsonList(cards),
  );
  const reviews = new Map<Json | undefined, Review[]>();
  for (const row of rows) {
    const [id = 0, , usn = 0, ease = 0, ivl = 0, lastIvl = 0, factor = 0, time = 0, type = 0] =
      row.map(Number);
    const review = { id, usn, ease, ivl, lastIvl, factor, time, type };
    const [, key] = row;
    const list = reviews.get(key);
    if (list) list.push(review);
    else reviews.set(key, [review]);
  }
  return (card) => reviews.get(card) ?? [];
}

/**
 * Returns the type of each card in turn, and a function that looks up the last review of the card at an index. It throws
 * AnkiRefused if there is none.
 */
export async function latestReviews(
  collection: Collection,
  cards: readonly Id[],
): Promise<[types: readonly Json[], latestReview: (index: number) => Pick<Review, 'id' | 'ivl'>]> {
  const joinReviews = `${joinCards} left join revlog r on r.id = (select max(id) from revlog where cid = wanted.value)`;
  const expressions = ['c.type', 'r.id', 'r.ivl'];
  const [types = [], ids = [], intervals = []] = await valuesInOrder(
    collection,
    cards,
    joinReviews,
    ...expressions,
  );
  const latestReview = (index: number) => {
    const id = ids[index];
    if (typeof id !== 'number') throw new AnkiRefused('list index out of range');
    return { id, ivl: Number(intervals[index]) };
  };
  return [types, latestReview];
}
