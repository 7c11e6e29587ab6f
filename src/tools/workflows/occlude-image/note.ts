import { AnkiRefused } from '../../../contract/errors.ts';
import type { OcclusionType } from '../../../contract/engine/occlusion.ts';
import { echo } from '../../../lib/cut.ts';
import { withFile } from '../../search-terms.ts';
import { filesIn } from '../../card-text/text.ts';
import type { Context } from '../../workflow.ts';
import { readCards, readFoundNotes, readNotes, type Note } from '../../reading.ts';
import { readShapes, type ShapesField } from './field.ts';

/** An image occlusion note. */
export interface OcclusionNote extends ShapesField {
  readonly note: Note;
  readonly type: OcclusionType;
  /** The file in its image field, if there is one. */
  readonly filename: string | undefined;
}

export async function readOcclusion(context: Context, id: number): Promise<OcclusionNote> {
  const [{ notes, unread }, types] = await Promise.all([
    readNotes(context, [id]),
    context.operate('occlusionTypes', {}),
  ]);
  const [note] = notes;
  if (!note)
    throw new AnkiRefused(`Nothing was changed: note ${id}: ${unread[0]?.reason ?? 'no such note'}.`);
  const type = types.find(({ name }) => name === note.modelName);
  if (!type)
    throw new AnkiRefused(
      `Nothing was changed: note ${id} is of type "${echo(note.modelName)}", which is no image occlusion type. Leave note out to add one.`,
    );
  const [filename] = filesIn(fieldOf(note, type.fields.image));
  return { note, type, filename, ...readShapes(fieldOf(note, type.fields.shapes)) };
}

export const fieldOf = ({ fields }: Note, name: string): string => fields[name]?.value ?? '';

/** Returns the notes of a type that show a picture. */
export const notesOfPicture = async (context: Context, type: OcclusionType, filename: string) =>
  (await readFoundNotes(context, `mid:${type.id} (${withFile(filename)})`)).notes;

/** Returns the cards of a note by group. */
export async function cardsOf(context: Context, note: number): Promise<Map<number, number>> {
  const ids = await context.call('findCards', { query: `nid:${note}` });
  const { cards } = await readCards(context, ids);
  return new Map(cards.map(({ ord, cardId }) => [ord + 1, cardId] as const).toSorted(([a], [b]) => a - b));
}
