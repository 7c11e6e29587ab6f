import type { Output } from '../../../contract/index.ts';
import type { Context } from '../../workflow.ts';
import { readNotes, type Note, type Unread } from '../reading.ts';
import type { Json } from '../../../lib/json.ts';

/** What a section tells. Its samples are the first to go where room is short. */
export interface Insight {
  readonly samples?: readonly Json[];
  readonly [key: string]: Json | undefined;
}

export type Section = (facts: Facts) => Promise<Insight>;

export const dayMs = 86_400_000;
/** How far back reviews are looked at. */
export const recentDays = 30;
const mostNotes = 10_000;
const notesAtOnce = 1_000;
const mostReviewed = 2_000;

export interface NoteScan {
  readonly notes: readonly Note[];
  readonly unread: readonly Unread[];
  /** How many there are, read or not. */
  readonly total: number;
  /** What to say where not all were read. */
  readonly cut: string | undefined;
}

export interface ReviewScan {
  /** The log of each card that was answered lately. */
  readonly reviews: Output<'getReviewsOfCards'>;
  readonly total: number;
  readonly cut: string | undefined;
}

/** What the sections share, each thing read once and only if a section asks for it. */
export class Facts {
  readonly context: Context;
  readonly deck: string | undefined;
  #notes: Promise<NoteScan> | undefined;
  #reviews: Promise<ReviewScan> | undefined;

  constructor(context: Context, deck: string | undefined) {
    this.context = context;
    this.deck = deck;
  }

  /** A search, only in the deck that was asked for. */
  within(query: string): string {
    if (this.deck === undefined) return query;
    const deck = `deck:${quoted(this.deck)}`;
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
    const wanted = all.toSorted((a, b) => b - a).slice(0, mostNotes);
    const parts = Array.from({ length: Math.ceil(wanted.length / notesAtOnce) }, (_, index) =>
      readNotes(this.context, wanted.slice(index * notesAtOnce, (index + 1) * notesAtOnce)),
    );
    const read = await Promise.all(parts);
    return {
      notes: read.flatMap(({ notes }) => notes),
      unread: read.flatMap(({ unread }) => unread),
      total: all.length,
      cut: wanted.length < all.length ? `the latest ${wanted.length} of ${all.length} notes` : undefined,
    };
  }

  async #readReviews(): Promise<ReviewScan> {
    const all = await this.cards(`rated:${recentDays}`);
    const wanted = scattered(all).slice(0, mostReviewed);
    const reviews = wanted.length > 0 ? await this.context.call('getReviewsOfCards', { cards: wanted }) : {};
    return {
      reviews,
      total: all.length,
      cut: wanted.length < all.length ? `${wanted.length} of ${all.length} cards` : undefined,
    };
  }
}

/** In an order that has nothing to do with age or deck, and is the same each time. */
const scattered = (ids: readonly number[]): number[] => {
  const place = (id: number) => Math.imul(id % 0x7fffffff, 0x9e3779b1) >>> 0;
  return ids.toSorted((a, b) => place(a) - place(b));
};

/** A value in an Anki search, taken literally. */
export const quoted = (value: string): string => `"${value.replace(/["*_\\]/g, '\\$&')}"`;

const mostSearches = 50;

/** Those whose search finds no note; only so many are tried. */
export async function unfound(
  { context }: Facts,
  queries: readonly (readonly [name: string, query: string])[],
): Promise<{ names: string[]; cut: string | undefined }> {
  const tried = queries.slice(0, mostSearches);
  const found = await Promise.all(tried.map(([, query]) => context.call('findNotes', { query })));
  return {
    names: tried.filter((_, index) => found[index]?.length === 0).map(([name]) => name),
    cut:
      tried.length < queries.length ? `${tried.length} of ${queries.length} that may be unused` : undefined,
  };
}
