import type { Output } from '../../contract/index.ts';
import { AnkiRefused } from '../../contract/errors.ts';
import type { Context } from '../workflow.ts';

type Whole<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

export type Note = Whole<Output<'notesInfo'>[number]>;
export type Card = Whole<Output<'cardsInfo'>[number]>;

/** What could not be read, and why. */
export interface Unread {
  readonly id: number;
  readonly reason: string;
}

const isNote = (note: Output<'notesInfo'>[number]): note is Note => note.noteId !== undefined;
const isCard = (card: Output<'cardsInfo'>[number]): card is Card => card.cardId !== undefined;

const missing = (what: 'note' | 'card', ids: readonly number[], found: ReadonlySet<number>): Unread[] =>
  ids.filter((id) => !found.has(id)).map((id) => ({ id, reason: `no such ${what}` }));

/** Reads notes in the order given. notesInfo fails for all as soon as one has no cards: those are left out and told. */
export async function readNotes(
  { call }: Context,
  ids: readonly number[],
): Promise<{ notes: Note[]; unread: Unread[] }> {
  if (ids.length === 0) return { notes: [], unread: [] };
  let wanted = ids;
  const unread: Unread[] = [];
  const answer = await call('notesInfo', { notes: ids }).catch(async (error: unknown) => {
    if (!(error instanceof AnkiRefused) || !/^\d+$/.test(error.message)) throw error;
    const nid = `nid:${ids.join(',')}`;
    // A condition on cards, though one that all of them meet, leaves out the notes that have none.
    const [there, readable] = await Promise.all([
      call('findNotes', { query: nid }),
      call('findNotes', { query: `${nid} (is:new or -is:new)` }),
    ]);
    const [existing, good] = [new Set(there), new Set(readable)];
    wanted = ids.filter((id) => good.has(id) || !existing.has(id));
    const bare = ids.filter((id) => existing.has(id) && !good.has(id));
    unread.push(...bare.map((id) => ({ id, reason: 'the note has no cards' })));
    return call('notesInfo', { notes: wanted });
  });
  const notes = answer.filter(isNote);
  unread.push(...missing('note', wanted, new Set(notes.map(({ noteId }) => noteId))));
  return { notes, unread };
}

/** Reads cards in the order given. One bad card fails cardsInfo for all: halving the list finds it. */
export async function readCards(
  context: Context,
  ids: readonly number[],
): Promise<{ cards: Card[]; unread: Unread[] }> {
  if (ids.length === 0) return { cards: [], unread: [] };
  try {
    const cards = (await context.call('cardsInfo', { cards: ids })).filter(isCard);
    return { cards, unread: missing('card', ids, new Set(cards.map(({ cardId }) => cardId))) };
  } catch (error) {
    if (!(error instanceof AnkiRefused)) throw error;
    const [id] = ids;
    if (ids.length === 1 && id !== undefined) return { cards: [], unread: [{ id, reason: error.message }] };
    const middle = Math.ceil(ids.length / 2);
    const halves = [ids.slice(0, middle), ids.slice(middle)];
    const read = await Promise.all(halves.map((half) => readCards(context, half)));
    return {
      cards: read.flatMap(({ cards }) => cards),
      unread: read.flatMap(({ unread }) => unread),
    };
  }
}
