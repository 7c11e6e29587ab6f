import type { ActionName, Output, Input } from '../../contract/index.ts';
import type { Capabilities } from '../../contract/backend.ts';
import { inOneLine } from '../../lib/one-line.ts';
import { readNotes, type Note } from '../workflows/reading.ts';

const idsPerSearch = 5000;
const notesPerCall = 500;

/** Reads what a call is about to change, with a few requests. */
export interface Scan {
  readonly capabilities: Capabilities;
  /** False if nothing is backed up before it is lost. */
  readonly makesBackups: boolean;
  /** Direction of a full sync that the user allowed. */
  readonly fullSync: 'upload' | 'download' | undefined;
  /** Whether the collection has a sync account. */
  readonly hasAccount: boolean;
  readonly call: <N extends ActionName>(name: N, params: Input<N>) => Promise<Output<N>>;
}

/** Returns searches that match these ids, at most 5,000 in each. Anki's searches know no negative ids, and none exists. */
export function withIds(prefix: 'cid:' | 'nid:', ids: readonly number[]): string[] {
  const possible = ids.filter((id) => id >= 0);
  return Array.from(
    { length: Math.ceil(possible.length / idsPerSearch) },
    (_, part) => `${prefix}${possible.slice(part * idsPerSearch, (part + 1) * idsPerSearch).join(',')}`,
  );
}

/** Returns the ids that at least one of the searches finds. */
export async function find(
  { call }: Pick<Scan, 'call'>,
  action: 'findCards' | 'findNotes',
  searches: readonly string[],
): Promise<number[]> {
  const found = await Promise.all(searches.map((query) => call(action, { query })));
  return [...new Set(found.flat())];
}

/** Reads notes by their ids. Missing notes and notes without cards are left out. */
export async function readNotesById(scan: Scan, ids: readonly number[]): Promise<Map<number, Note>> {
  const wanted = [...new Set(ids)];
  const notes = new Map<number, Note>();
  for (let start = 0; start < wanted.length; start += notesPerCall) {
    const part = await readNotes(scan, wanted.slice(start, start + notesPerCall));
    for (const note of part.notes) notes.set(note.noteId, note);
  }
  return notes;
}

/** Returns a count with its noun: "1 deck" or "5,002 notes". */
export const countOf = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** Returns text from the collection or the client for a question: in one line, cut at `maxLength` characters. */
export function shorten(text: string, maxLength = 60): string {
  const line = inOneLine(text);
  return line.length > maxLength ? `${line.slice(0, maxLength).toWellFormed().trimEnd()}…` : line;
}

/** Returns the first names and the number of further ones. */
export const listNames = (names: readonly string[], maxNames = 5): string =>
  [
    ...names.slice(0, maxNames).map((name) => shorten(name)),
    ...(names.length > maxNames ? [`${names.length - maxNames} more`] : []),
  ].join(', ');

/** Returns how many of the cards were reviewed: "37 of them reviewed". */
export const reviewedShare = async (scan: Scan, searches: readonly string[]): Promise<string> => {
  const cards = await find(
    scan,
    'findCards',
    searches.map((search) => `(${search}) prop:reps>0`),
  );
  return `${cards.length > 0 ? cards.length.toLocaleString('en') : 'none'} of them reviewed`;
};

/** Returns, for example, "with 412 cards, 37 of them reviewed". */
export async function withCards(scan: Scan, searches: readonly string[]): Promise<string> {
  const [cards, share] = await Promise.all([
    find(scan, 'findCards', searches),
    reviewedShare(scan, searches),
  ]);
  return cards.length > 0 ? `with ${countOf(cards.length, 'card')}, ${share}` : 'without cards';
}
