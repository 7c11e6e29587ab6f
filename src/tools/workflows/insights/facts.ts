import type { Output } from '../../../contract/index.ts';
import type { Json } from '../../../lib/json.ts';
import { inDeck, type DeckIds } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { findDeck } from '../deck-name.ts';
import { joined } from '../../joined.ts';
import { readNotes, type Note, type Unread } from '../../reading.ts';

/** The result of a section. If it exceeds the budget, samples are dropped first. */
export interface Insight {
  readonly samples?: readonly Json[];
  /** If further samples follow on request: the offset of the first one, and how many there are in all. */
  readonly paged?: { readonly offset: number; readonly total: number };
  readonly [key: string]: Json | undefined;
}

export type Section = (facts: Facts) => Promise<Insight>;

/** Number of past days whose reviews count. */
export const recentDays = 30;
const maxNotes = 10_000;
const notesPerCall = 1_000;
const maxReviewedCards = 2_000;

export interface NoteScan {
  readonly notes: readonly Note[];
  readonly unread: readonly Unread[];
  /** Number of notes, read or not. */
  readonly total: number;
  /** Says which notes were read, if not all. */
  readonly cut: string | undefined;
}

export interface ReviewScan {
  /** Review logs of the cards that were answered recently. */
  readonly reviews: Output<'getReviewsOfCards'>;
  /** Number of cards that were answered recently. */
  readonly total: number;
  /** Says how many logs were read, if not all. */
  readonly cut: string | undefined;
}

export interface Options {
  /** Whether notes of different types can be duplicates. */
  readonly acrossTypes: boolean;
  /** Whether slow cards are weak too. */
  readonly slow: boolean;
  /** Number of groups of duplicates to skip. */
  readonly offset: number;
}

/** What the sections share. Each fact is read once, and only if a section needs it. */
export class Facts {
  /** Sends the calls of one tick as one request. */
  readonly context: Context;
  readonly options: Options;
  readonly #separate: Context;
  readonly deck: string | undefined;
  readonly deckIds: DeckIds;
  #notes: Promise<NoteScan> | undefined;
  #reviews: Promise<ReviewScan> | undefined;

  constructor(context: Context, options: Options, deck: string | undefined, deckIds: DeckIds) {
    this.context = joined(context);
    this.#separate = context;
    this.options = options;
    this.deck = deck;
    this.deckIds = deckIds;
  }

  /** Restricts a search to the chosen deck, if there is one. */
  within(query: string): string {
    if (this.deck === undefined) return query;
    const deck = inDeck(this.deck, this.deckIds);
    return query === '' ? deck : `${deck} ${/ or /.test(query) ? `(${query})` : query}`;
  }

  async cards(query: string): Promise<number[]> {
    return this.context.call('findCards', { query: this.within(query) });
  }

  async count(query: string): Promise<number> {
    return (await this.cards(query)).length;
  }

  get notes(): Promise<NoteScan> {
    return (this.#notes ??= this.#readNotes());
  }

  get reviews(): Promise<ReviewScan> {
    return (this.#reviews ??= this.#readReviews());
  }

  async #readNotes(): Promise<NoteScan> {
    const all = await this.context.call('findNotes', { query: this.within('') });
    const selected = all.toSorted((a, b) => b - a).slice(0, maxNotes);
    const parts = Array.from({ length: Math.ceil(selected.length / notesPerCall) }, (_, index) =>
      // Many notes in one reply would be too large.
      readNotes(
        selected.length > notesPerCall ? this.#separate : this.context,
        selected.slice(index * notesPerCall, (index + 1) * notesPerCall),
      ),
    );
    const read = await Promise.all(parts);
    return {
      notes: read.flatMap(({ notes }) => notes),
      unread: read.flatMap(({ unread }) => unread),
      total: all.length,
      cut: selected.length < all.length ? `the latest ${selected.length} of ${all.length} notes` : undefined,
    };
  }

  async #readReviews(): Promise<ReviewScan> {
    const all = await this.cards(`rated:${recentDays}`);
    const selected = shuffled(all).slice(0, maxReviewedCards);
    const reviews =
      selected.length > 0 ? await this.context.call('getReviewsOfCards', { cards: selected }) : {};
    return {
      reviews,
      total: all.length,
      cut: selected.length < all.length ? `${selected.length} of ${all.length} cards` : undefined,
    };
  }
}

/** Prepares the facts about a deck, in any letter case, or about the collection. Throws if the deck does not exist. */
export async function factsOf(context: Context, options: Options, deck: string | undefined): Promise<Facts> {
  if (deck === undefined)
    return new Facts(context, options, undefined, await context.call('deckNamesAndIds', {}));
  const { deck: found, ids } = await findDeck(context, deck);
  return new Facts(context, options, found.name, ids);
}

/** Orders ids independently of age and deck, and in the same way each time. */
const shuffled = (ids: readonly number[]): number[] => {
  const hash = (id: number) => Math.imul(id % 0x7fffffff, 0x9e3779b1) >>> 0;
  return ids.toSorted((a, b) => hash(a) - hash(b));
};
