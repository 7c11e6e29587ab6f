import { inDecks } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { noSuchDeck } from '../deck-name.ts';
import { joined, readTogether } from '../../joined.ts';
import { readCards, readManyCards } from '../../reading.ts';
import { searchFor } from '../search.ts';
import type { CardSource, Ease, Left, NextCard, ShownCard, StudyCard } from './card-source.ts';
import { rateCard } from './rate-card.ts';
import { leftIn } from './reviewer.ts';

/** Which cards to study. Without a deck, those of the whole collection. */
export interface Choice {
  readonly deck?: string | undefined;
  readonly query?: string | undefined;
  readonly only?: 'due' | 'new' | 'all' | undefined;
}

/** Cards to study now, by state. */
interface Found {
  readonly new: readonly number[];
  readonly learning: readonly number[];
  readonly review: readonly number[];
}

const all = ({ learning, review, new: unseen }: Found): number[] => [...learning, ...review, ...unseen];

/**
 * Returns the order in which Anki studies cards: learning cards whose time has come, reviews, new cards, and at the end
 * learning cards whose time comes in the next minutes, which is:due finds too.
 */
async function inOrder(context: Context, found: Found): Promise<number[]> {
  const { learning, review, new: unseen } = found;
  if (learning.length === 0 || all(found).length === 1) return all(found);
  const dueOf = new Map(
    (await readManyCards(context, learning)).cards.map(({ cardId, due }) => [cardId, due]),
  );
  // Cards with a step of days have a number of days instead, which is lower.
  const now = Date.now() / 1000;
  const due = (id: number): number => dueOf.get(id) ?? 0;
  const byTime = learning.toSorted((a, b) => due(a) - due(b));
  const isLater = (id: number): boolean => due(id) > now;
  return [...byTime.filter((id) => !isLater(id)), ...review, ...unseen, ...byTime.filter(isLater)];
}

/** Finds the cards of a choice that can be studied now, oldest first. Suspended and buried ones cannot. */
export async function findStudyable(context: Context, { deck, query, only = 'all' }: Choice): Promise<Found> {
  const decks = deck === undefined ? {} : await context.call('deckNamesAndIds', {});
  if (deck !== undefined && !Object.hasOwn(decks, deck)) throw noSuchDeck(deck, Object.keys(decks));
  const place = deck === undefined ? '' : inDecks([deck], decks);
  const reading = joined(context);
  const find = (term: string) =>
    reading.call('findCards', { query: `${place} ${term} -is:suspended -is:buried`.trim() });
  const [chosen, learning, review, unseen] = await Promise.all([
    // A search of its own: combined with others, brackets in it could take away their conditions.
    query === undefined ? undefined : searchFor(reading, 'findCards', query),
    only === 'new' ? [] : find('is:due is:learn'),
    only === 'new' ? [] : find('is:due -is:learn'),
    only === 'due' ? [] : find('is:new'),
  ]);
  const wanted = chosen && new Set(chosen.found);
  const select = (ids: readonly number[]) =>
    ids.filter((id) => wanted?.has(id) ?? true).toSorted((a, b) => a - b);
  return { learning: select(learning), review: select(review), new: select(unseen) };
}

/** Cards that a search finds. Anki's reviewer cannot be restricted to them, so each is read and rated by its id. */
export class ChosenCards implements CardSource {
  readonly order: string;
  readonly choice: Choice;
  readonly #skipped: number[] = [];
  /** Whether skipped cards come again at the end. */
  readonly #repeats: boolean;
  /** The card that was undone. */
  #first: number | undefined;

  constructor(choice: Choice, repeats = true) {
    this.choice = choice;
    this.#repeats = repeats;
    const limits =
      choice.deck === undefined ? "without the decks' daily limits" : "within the deck's limits of today";
    this.order = `Not Anki's order, because the cards are chosen: learning cards whose time has come, reviews, new cards, then the other learning cards, ${limits}. Only cards that are due or new.`;
  }

  /** Shows a card only after all others. */
  skip(cardId: number): void {
    this.#first = undefined;
    if (!this.#skipped.includes(cardId)) this.#skipped.push(cardId);
    else this.#skipped.push(...this.#skipped.splice(this.#skipped.indexOf(cardId), 1));
  }

  async open({ call }: Context, first?: number): Promise<boolean> {
    this.#first = first;
    await call('guiDeckBrowser', {});
    return true;
  }

  async next(context: Context): Promise<NextCard | undefined> {
    const found = await this.#find(context);
    const ids = new Set(await inOrder(context, found));
    const skipped = new Set(this.#skipped);
    const first = this.#first;
    this.#first = undefined;
    const id =
      first !== undefined && ids.has(first)
        ? first
        : ([...ids].find((each) => !skipped.has(each)) ??
          (this.#repeats ? this.#skipped.find((each) => ids.has(each)) : undefined));
    if (id === undefined) return undefined;
    const { cards, unread } = await readCards(context, [id]);
    const left: Left = {
      new: found.new.length,
      learning: found.learning.length,
      review: found.review.length,
    };
    const card = cards[0] ?? { reason: unread[0]?.reason ?? `card ${id} cannot be read` };
    return { card, left };
  }

  async reveal(context: Context, { cardId }: ShownCard): Promise<StudyCard | undefined> {
    const { cards } = await readTogether(context, (reading) => readStudyable(reading, cardId));
    return cards[0];
  }

  async isWaiting(context: Context, { cardId, reps }: ShownCard): Promise<boolean> {
    const { cards } = await readTogether(context, (reading) => readStudyable(reading, cardId));
    return cards[0] !== undefined && cards[0].reps === reps;
  }

  async rate(context: Context, { cardId }: ShownCard, ease: Ease): Promise<boolean> {
    const outcome = await rateCard(context, cardId, ease);
    if (outcome.error) throw outcome.error;
    return outcome.rated;
  }

  /** Finds the cards, and keeps only as many as Anki allows today. */
  async #find(context: Context): Promise<Found> {
    const found = await findStudyable(context, this.choice);
    const { deck } = this.choice;
    const allowed = deck === undefined ? undefined : await leftIn(context, deck);
    return {
      learning: found.learning,
      review: found.review.slice(0, allowed?.review),
      new: found.new.slice(0, allowed?.new),
    };
  }
}

/** Reads a card, if it can be studied now. */
async function readStudyable(context: Context, cardId: number) {
  const [found, read] = await Promise.all([
    context.call('findCards', {
      query: `cid:${cardId} (is:due or is:new) -is:suspended -is:buried`,
    }),
    readCards(context, [cardId]),
  ]);
  return found.length > 0 ? read : { cards: [] };
}
