import type * as contract from '../../../contract/statistic.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { isInRange, reviewColumns } from '../../../contract/review-columns.ts';
import type { Collection } from '../session/collection.ts';
import { ensureDeck } from './deck.ts';
import type { Handlers } from '../session/handler.ts';
import { iterate, truthy, typeName } from '../../../anki-connect/python.ts';
import { numeric, shortId, str, text, type Id } from '../session/python.ts';
import { columnList, reviewsByCard } from './review-log.ts';
import { reviewsByDay } from './reviews-by-day.ts';
import { statisticsPage } from '../statistics/statistics-page.ts';
import type { Json } from '../../../lib/json.ts';

const secondsPerDay = 86_400;

/** Returns the end of Anki's current day in seconds since 1970. */
const dayEnd = async (collection: Collection): Promise<number> =>
  Number((await collection.call('sched_timing_today', {})).nextDayAt);

/** Returns a review as SQL. It must contain integers only; SQL itself reports a wrong number of values. */
const sqlRow = (review: Json): string => {
  const values = iterate(review).map((item, index) => {
    // The add-on pastes the values into SQL, so a number may also come as text.
    const value = typeof item === 'string' && /^\s*[+-]?\d+\s*$/.test(item) ? BigInt(item) : item;
    if (typeName(value) !== 'int') {
      throw new AnkiRefused(
        `A review must be a list of nine integers: ${JSON.stringify(str(item))} is not an integer.`,
      );
    }
    const column = reviewColumns[index];
    if (!column || isInRange(column, Number(value))) return str(value);
    throw new AnkiRefused(
      `The ${column.name} of a review must be from ${column.min} to ${column.max}: Anki could not read the collection with ${str(value)} in it. Nothing was inserted.`,
    );
  });
  return `(${values.join(',')})`;
};

/** Returns a value that the add-on can pass to SQL. */
const sqlValue = (value: Json): Json => {
  if (typeof value !== 'boolean' && (typeof value !== 'object' || value === null)) return value;
  throw new AnkiRefused('JsonError { info: "data did not match any variant of untagged enum SqlValue" }');
};

/** Returns the card id that SQL compares with the column, where text of digits is a number. Undefined: it finds no card. */
const comparedId = (key: Json): Id | undefined => {
  if (typeof key === 'number' || typeof key === 'bigint') return key;
  return typeof key === 'string' && /^\s*[+-]?\d{1,18}\s*$/.test(key) ? shortId(numeric(key)) : undefined;
};

export const statistic = {
  async getNumCardsReviewedToday(collection) {
    const dayStartMs = ((await dayEnd(collection)) - secondsPerDay) * 1000;
    const [[count] = []] = await collection.query('select count() from revlog where id > ?', dayStartMs);
    return Number(count);
  },

  async getNumCardsReviewedByDay(collection) {
    const rollover = new Date((await dayEnd(collection)) * 1000).getHours();
    const rows = await collection.query(reviewsByDay, rollover * 3600);
    return rows.map(([date, count]) => [str(date), Number(count)]);
  },

  async getCollectionStatsHTML(collection, { wholeCollection }) {
    const isWhole = wholeCollection === undefined || truthy(wholeCollection);
    const graphs = await collection.call('graphs', { search: isWhole ? '' : 'deck:current', days: 365 });
    const { name } = await collection.call('get_current_deck', {});
    return statisticsPage(isWhole ? 'The whole collection' : name, graphs);
  },

  async cardReviews(collection, { deck, startID = null }) {
    const did = await ensureDeck(collection, deck);
    // Not ordered by time: as in Anki, the index returns the reviews card by card.
    const rows = await collection.query(
      `select ${columnList} from revlog where id > ? and cid in (select id from cards where did = ?)`,
      typeof startID === 'string' ? text(startID) : startID,
      did,
    );
    return rows.map((review) => review.map(Number));
  },

  async getReviewsOfCards(collection, { cards }) {
    const keys = iterate(cards).map(sqlValue);
    const wanted = keys.map(comparedId);
    const reviewsOf = await reviewsByCard(
      collection,
      wanted.filter((id) => id !== undefined),
    );
    return Object.fromEntries(
      keys.map((key, at) => [String(key), wanted[at] === undefined ? [] : reviewsOf(wanted[at])]),
    );
  },

  async getLatestReviewID(collection, { deck }) {
    const did = await ensureDeck(collection, deck);
    const [[latest] = []] = await collection.query(
      'select max(id) from revlog where cid in (select id from cards where did = ?)',
      did,
    );
    return Number(latest ?? 0);
  },

  async insertReviews(collection, { reviews }) {
    const rows = iterate(reviews).map(sqlRow);
    if (rows.length === 0) return null;
    await collection.query(`insert into revlog(${columnList}) values ${rows.join(',')}`);
    // SQL does not mark the collection as changed, so that a sync would skip it. Any write through the engine does, even an empty one.
    await collection.call('update_cards', { cards: [], skipUndoEntry: true });
    return null;
  },
} satisfies Handlers<keyof typeof contract>;
