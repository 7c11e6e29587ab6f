import type { Output } from '../../../contract/index.ts';
import { reviewColumns } from '../../../contract/review-columns.ts';
import type { Collection } from '../session/collection.ts';

export type Review = Output<'getReviewsOfCards'>[string][number];

/** Columns of the review log as part of SQL. */
export const columnList = reviewColumns.map(({ name }) => name).join(', ');

/** Returns a function that looks up a card's reviews, oldest first. */
export async function reviewsByCard(
  collection: Collection,
  cards: readonly bigint[],
): Promise<(card: bigint) => Review[]> {
  const rows = await collection.query(
    `select ${columnList} from revlog where cid in (${cards.join(',')}) order by id`,
  );
  const reviews = new Map<bigint, Review[]>();
  for (const row of rows) {
    const [id = 0, cid = 0, usn = 0, ease = 0, ivl = 0, lastIvl = 0, factor = 0, time = 0, type = 0] =
      row.map(Number);
    const key = BigInt(cid);
    const list = reviews.get(key) ?? [];
    list.push({ id, usn, ease, ivl, lastIvl, factor, time, type });
    reviews.set(key, list);
  }
  return (card) => reviews.get(card) ?? [];
}
