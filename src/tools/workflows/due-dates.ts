import { dateInDays, dayMs, daysSince } from '../anki-day.ts';
import { stateOf } from '../card-text/card-state.ts';
import type { Context } from '../workflow.ts';
import { joined } from '../joined.ts';
import { readCards, type Card } from '../reading.ts';

export interface Due {
  /** Days from today, with a fraction for steps of minutes. Undefined if the card will not come up by itself. */
  readonly days: number | undefined;
  readonly words: string;
}

/** Values of `due` above this are epoch seconds. Others are day numbers, or the position of a new card. */
const leastEpochSeconds = 1_000_000_000;
/** In a filtered deck, `due` is a position that starts here. */
const leastInFilteredDeck = -100_000;
const mostInFilteredDeck = -50_000;

const isInFilteredDeck = ({ due }: Card): boolean => due >= leastInFilteredDeck && due < mostInFilteredDeck;
const hasDayNumber = (card: Card): boolean =>
  card.type > 0 && card.due < leastEpochSeconds && !isInFilteredDeck(card);

/** Returns true for cards that a search by due date finds. */
const isSearchable = (card: Card): boolean => (card.queue === 2 || card.queue === 3) && hasDayNumber(card);

/**
 * Returns a function that says when a card is due. Anki-Connect returns the due date of a review as the number of days
 * since the collection was created, and only its searches count from today.
 */
export async function dueDates(context: Context, cards: readonly Card[]): Promise<(card: Card) => Due> {
  const reading = joined(context);
  const today = cards.some(hasDayNumber) ? await dayNumber(reading, cards) : undefined;
  return (card) => {
    const { days, words } = scheduled(card, today);
    const state = stateOf(card);
    if (state !== 'suspended' && state !== 'buried') return { days, words };
    return { days: undefined, words: card.type === 0 ? state : `${state}, else ${words}` };
  };
}

/** Returns when the card would be due if it were neither suspended nor buried. */
function scheduled(card: Card, today: number | undefined): Due {
  if (card.type === 0) return { days: undefined, words: 'new' };
  if (isInFilteredDeck(card)) return { days: 0, words: 'today, in a filtered deck' };
  if (card.due >= leastEpochSeconds) return inMinutes((card.due * 1000 - Date.now()) / 60_000);
  return today === undefined ? { days: undefined, words: 'unknown' } : inDays(card.due - today);
}

function inMinutes(minutes: number): Due {
  const days = (minutes * 60_000) / dayMs;
  if (minutes <= 0) return { days, words: 'now' };
  const isHours = minutes >= 90;
  const amount = Math.ceil(isHours ? minutes / 60 : minutes);
  return { days, words: `in ${amount} ${isHours ? 'hour' : 'minute'}${amount === 1 ? '' : 's'}` };
}

function inDays(days: number): Due {
  const date = dateInDays(days);
  if (days === 0) return { days, words: `today, ${date}` };
  if (days === 1) return { days, words: `tomorrow, ${date}` };
  if (days > 0) return { days, words: `in ${days} days, ${date}` };
  return { days, words: `overdue by ${-days} day${days === -1 ? '' : 's'}, since ${date}` };
}

/** Maximum age of a collection in days. */
const maxDay = 40_000;
/** Days around the estimate that are tried in the first request, and number of other days in each request. */
const nearDays = 8;
const spreadDays = 16;

/** Returns today's number in the collection, or undefined if no card shows it. */
async function dayNumber(context: Context, cards: readonly Card[]): Promise<number | undefined> {
  const [probe] = cards.filter(isSearchable).toSorted((a, b) => b.mod - a.mod);
  if (probe) return dayNumberBy(context, probe);
  const query = 'is:review -is:learn -is:suspended -is:buried -deck:filtered';
  const [other] = await context.call('findCards', { query });
  const read = other === undefined ? [] : (await readCards(context, [other])).cards.filter(isSearchable);
  return read[0] && dayNumberBy(context, read[0]);
}

/** Finds today's number with searches for one card: it is found by prop:due<=n if its own number is at most today + n. */
async function dayNumberBy(
  { call }: Context,
  { cardId, due, interval, mod }: Card,
): Promise<number | undefined> {
  const isReached = async (day: number): Promise<boolean> =>
    (await call('findCards', { query: `cid:${cardId} prop:due<=${due - day}` })).length > 0;
  // The last change of most cards is their last review.
  const estimate = due - interval + daysSince(mod * 1000);
  let [first, last] = [0, maxDay];
  let candidates = [0, ...Array.from({ length: 2 * nearDays }, (_, index) => estimate - nearDays + index)];
  while (first < last) {
    const span = last - first;
    const spread = Array.from(
      { length: spreadDays },
      (_, index) => first + Math.ceil((span * (index + 1)) / spreadDays),
    );
    const days = [...new Set([...candidates, ...spread])].filter(
      (day) => day === 0 || (day > first && day <= last),
    );
    const reached = await Promise.all(days.map(isReached));
    if (days[0] === 0 && reached[0] === false) return undefined; // the card was changed meanwhile
    for (const [index, day] of days.entries()) {
      if (reached[index]) first = Math.max(first, day);
      else last = Math.min(last, day - 1);
    }
    candidates = [];
  }
  return first;
}
