import { readNotes, type Note } from '../../reading.ts';
import type { Facts } from './facts.ts';

/** Maximum number of names that are searched for, and of the notes with them that are read. */
const maxNames = 50;
const maxNotes = 1000;

/** What a note can have a name of: a tag, a file. */
interface Named {
  /** Returns a search for the notes with any of these names. */
  readonly search: (names: readonly string[]) => string;
  readonly isIn: (name: string, note: Note) => boolean;
}

/**
 * Returns the names that no note has. One search finds the notes with any of the names, because a search for each name reads
 * all notes each time; these notes show which names they have.
 */
export async function unusedNames(
  { context }: Facts,
  all: readonly string[],
  { search, isIn }: Named,
): Promise<{ names: string[]; cut: string | undefined }> {
  const names = all.slice(0, maxNames);
  const cut = names.length < all.length ? `${names.length} of ${all.length} that may be unused` : undefined;
  if (names.length === 0) return { names, cut };
  const find = (searched: readonly string[]) => context.call('findNotes', { query: search(searched) });
  const found = await find(names);
  const { notes } = await readNotes(context, found.slice(0, maxNotes));
  const unseen = names.filter((name) => !notes.some((note) => isIn(name, note)));
  if (notes.length === found.length) return { names: unseen, cut };
  const uses = await Promise.all(unseen.map((name) => find([name])));
  return { names: unseen.filter((_, index) => uses[index]?.length === 0), cut };
}
