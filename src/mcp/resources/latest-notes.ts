import { readNotes } from '../../tools/reading.ts';
import { excerpt } from '../../tools/card-text/excerpt.ts';
import { toText } from '../../tools/card-text/text.ts';
import type { Context } from '../../tools/workflow.ts';
import type { Json } from '../../lib/json.ts';

const maxNotes = 5;
const maxFieldCharacters = 300;

/** Returns the newest of the notes, with their fields as shortened text. */
export async function latestNotes(context: Context, noteIds: readonly number[]): Promise<Json> {
  const latest = noteIds.toSorted((a, b) => b - a).slice(0, maxNotes);
  const { notes } = await readNotes(context, latest);
  return notes.map(({ noteId, modelName, tags, fields }) => ({
    noteId,
    noteType: modelName,
    tags,
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, { value }]) => [name, excerpt(toText(value), maxFieldCharacters)]),
    ),
  }));
}
