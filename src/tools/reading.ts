import type { Output } from '../contract/index.ts';
import { AnkiRefused } from '../contract/errors.ts';
import type { Call } from '../contract/backend.ts';

type Defined<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

export type Note = Defined<Output<'notesInfo'>[number]>;
export type Card = Defined<Output<'cardsInfo'>[number]>;
export type NoteType = Output<'findModelsByName'>[number];

/** Returns the content of a note by field name. */
export const valuesOf = ({ fields }: Pick<Note, 'fields'>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));

/** A note or card that could not be read, and why. */
export interface Unread {
  readonly id: number;
  readonly reason: string;
}

const isNote = (note: Output<'notesInfo'>[number]): note is Note => note.noteId !== undefined;
const isCard = (card: Output<'cardsInfo'>[number]): card is Card => card.cardId !== undefined;

const missing = (what: 'note' | 'card', ids: readonly number[], found: ReadonlySet<number>): Unread[] =>
  ids.filter((id) => !found.has(id)).map((id) => ({ id, reason: `no such ${what}` }));

/** What reading needs: the calls of a workflow, or of a safeguard. */
interface Reading {
  readonly call: Call;
}

/** Returns true for the error of notesInfo about a note without cards: its message is only the note's id. */
const isWithoutCards = (error: unknown): boolean =>
  error instanceof AnkiRefused && /^\d+$/.test(error.message);

/** Reads the notes that a query finds, in one request if all can be read. */
export async function readFoundNotes(
  reading: Reading,
  query: string,
): Promise<{ notes: Note[]; unread: Unread[] }> {
  try {
    return { notes: (await reading.call('notesInfo', { query })).filter(isNote), unread: [] };
  } catch (error) {
    if (!isWithoutCards(error)) throw error;
    return readNotes(reading, await reading.call('findNotes', { query }));
  }
}

/** Reads notes in the order of `ids`. notesInfo fails for all if one note has no cards: such notes are returned as unread. */
export async function readNotes(
  { call }: Reading,
  ids: readonly number[],
): Promise<{ notes: Note[]; unread: Unread[] }> {
  if (ids.length === 0) return { notes: [], unread: [] };
  let readable = ids;
  const unread: Unread[] = [];
  const reply = await call('notesInfo', { notes: ids }).catch(async (error: unknown) => {
    if (!isWithoutCards(error)) throw error;
    const nid = `nid:${ids.join(',')}`;
    // A condition on cards that every card meets still leaves out notes without cards.
    const [found, withCards] = await Promise.all([
      call('findNotes', { query: nid }),
      call('findNotes', { query: `${nid} (is:new or -is:new)` }),
    ]);
    const [existing, good] = [new Set(found), new Set(withCards)];
    readable = ids.filter((id) => good.has(id) || !existing.has(id));
    const withoutCards = ids.filter((id) => existing.has(id) && !good.has(id));
    unread.push(...withoutCards.map((id) => ({ id, reason: 'the note has no cards' })));
    return call('notesInfo', { notes: readable });
  });
  const notes = reply.filter(isNote);
  unread.push(...missing('note', readable, new Set(notes.map(({ noteId }) => noteId))));
  return { notes, unread };
}

const notesPerCall = 500;

/** Reads notes by their ids. Missing notes and notes without cards are left out. */
export async function readNotesById(reading: Reading, ids: readonly number[]): Promise<Map<number, Note>> {
  const wanted = [...new Set(ids)];
  const notes = new Map<number, Note>();
  for (let start = 0; start < wanted.length; start += notesPerCall) {
    const part = await readNotes(reading, wanted.slice(start, start + notesPerCall));
    for (const note of part.notes) notes.set(note.noteId, note);
  }
  return notes;
}

/** Maximum number of cards that are read in one call: each reply contains the rendered card and its CSS. */
const cardsPerCall = 500;

/** Reads any number of cards in the order of `ids`. */
export async function readManyCards(
  context: Reading,
  ids: readonly number[],
): Promise<{ cards: Card[]; unread: Unread[] }> {
  const cards: Card[] = [];
  const unread: Unread[] = [];
  for (let start = 0; start < ids.length; start += cardsPerCall) {
    const read = await readCards(context, ids.slice(start, start + cardsPerCall));
    cards.push(...read.cards);
    unread.push(...read.unread);
  }
  return { cards, unread };
}

/** Reads cards in the order of `ids`. cardsInfo fails for all if one card is broken: halving the list finds it. */
export async function readCards(
  context: Reading,
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
