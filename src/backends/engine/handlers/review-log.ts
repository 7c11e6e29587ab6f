import type { Output } from '../../../contract/index.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { reviewColumns } from '../../../contract/review-columns.ts';
import type { Collection } from '../session/collection.ts';
import { id as toId } from '../session/python.ts';
import { inList, jsonList } from './id-list.ts';

export type Review = Output<'getReviewsOfCards'>[string][number];

/** Columns of the review log as part of SQL. */
export const columnList = reviewColumns.map(({ name }) => name).join(', ');

/** Returns a function that looks up a card's reviews, oldest first. */
export async function reviewsByCard(
  collection: Collection,
  cards: readonly bigint[],
): Promise<(card: bigint) => Review[]> {
  const rows = await collection.query(
    `select ${columnList} from revlog where cid ${inList} order by id`,
    jsonList(cards),
  );
  const reviews = new Map<bigint, Review[]>();
  for (const row of rows) {
    const [id = 0, , usn = 0, ease = 0, ivl = 0, lastIvl = 0, factor = 0, time = 0, type = 0] =
      row.map(Number);
    const review = { id, usn, ease, ivl, lastIvl, factor, time, type };
    const key = toId(row[1]);
    const list = reviews.get(key);
    if (list) list.push(review);
    else reviews.set(key, [review]);
  }
  return (card) => reviews.get(card) ?? [];
}

/** Returns a function that looks up a card's last review. It throws AnkiRefused if there is none. */
export async function latestReviews(
  collection: Collection,
  cards: readonly bigint[],
): Promise<(card: bigint) => Pick<Review, 'id' | 'ivl'>> {
  // With max() as its only aggregate, SQLite takes the other columns from the row with the maximum.
  const rows = await collection.query(
    `select cid, ivl, max(id) from revlog where cid ${inList} group by cid`,
    jsonList(cards),
  );
  const reviews = new Map(rows.map(([card, ivl, id]) => [toId(card), { id: Number(id), ivl: Number(ivl) }]));
  return (card) => {
    const last = reviews.get(card);
    if (!last) throw new AnkiRefused('list index out of range');
    return last;
  };
}
