import { z } from 'zod';
import { shorten } from '../../../lib/wording.ts';
import { toText } from '../../card-text/text.ts';
import type { Context } from '../../workflow.ts';
import { readFoundNotes, readNotes, type Note } from '../../reading.ts';

const maxSamples = 5;

export const sample = z.looseObject({ id: z.int(), text: z.string() });
export type Sample = { readonly id: number; readonly text: string };

/** Returns the first field of a note as short text. */
function firstFieldOf({ fields }: Note): string {
  const first = Object.values(fields).find(({ order }) => order === 0);
  return shorten(toText(first?.value ?? ''));
}

/** Returns the first notes with their first fields. */
export async function noteSamples(context: Context, ids: readonly number[]): Promise<Sample[]> {
  const { notes } = await readNotes(context, ids.slice(0, maxSamples));
  return notes.map((note) => ({ id: note.noteId, text: firstFieldOf(note) }));
}

/** Returns the first cards with the first fields of their notes. */
export async function cardSamples(context: Context, ids: readonly number[]): Promise<Sample[]> {
  const first = ids.slice(0, maxSamples);
  if (first.length === 0) return [];
  const { notes } = await readFoundNotes(context, `cid:${first.join(',')}`);
  return first.flatMap((id) => {
    const note = notes.find(({ cards }) => cards.includes(id));
    return note ? [{ id, text: firstFieldOf(note) }] : [];
  });
}
