import type { OcclusionType } from '../../../contract/engine/occlusion.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { differingFields, sameTags } from '../../stored-form.ts';
import type { Context } from '../../workflow.ts';
import { requireSamePlan } from '../same-plan.ts';
import { markupOf } from '../save-notes/save-draft.ts';
import { writeShapes, type Shape } from './field.ts';
import { fieldOf, notesOfPicture, readOcclusion, type OcclusionNote } from './note.ts';
import type { Picture } from './picture.ts';
import type { Done } from './report.ts';

interface Content {
  readonly header?: string | undefined;
  readonly backExtra?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** A note to add, apart from its shapes. */
export interface NewNote extends Content {
  readonly deck: string;
  readonly picture: Picture;
}

/** Changes of a note, apart from its shapes. It keeps what is not passed. */
export interface NoteChange extends Content {
  readonly existing: OcclusionNote;
  /** The present picture, or the one that replaces it. Undefined if the media folder has none. */
  readonly picture: Picture | undefined;
  readonly replacesPicture: boolean;
}

export type Target = NewNote | NoteChange;

export const save = (context: Context, target: Target, shapes: readonly Shape[]): Promise<Done> =>
  'existing' in target ? change(context, target, shapes) : add(context, target, shapes);

async function add(context: Context, target: NewNote, shapes: readonly Shape[]): Promise<Done> {
  const { deck, picture } = target;
  const saved = await context.asOneStep(async (inner) => {
    const type = await occlusionType(inner);
    const filename = await store(inner, picture);
    const field = writeShapes(shapes);
    const others = await notesOfPicture(inner, type, filename);
    const same = others.find((note) => fieldOf(note, type.fields.shapes) === field);
    const samePicture = others.map(({ noteId }) => noteId);
    if (same) return { note: same.noteId, outcome: 'already there: nothing was added', samePicture };
    const { image, header, backExtra } = type.fields;
    const note = await inner.call('addNote', {
      note: {
        deckName: deck,
        modelName: type.name,
        fields: {
          [type.fields.shapes]: field,
          [image]: markupOf(filename, true),
          [header]: target.header ?? '',
          [backExtra]: target.backExtra ?? '',
        },
        tags: [...(target.tags ?? [])],
        // Anki compares only the shapes, which two pictures can share.
        options: { allowDuplicate: true },
      },
    });
    if (typeof note !== 'number') throw new AnkiRefused('Anki did not add the note and gave no reason.');
    return { note, filename, outcome: 'created', samePicture };
  });
  const { filename = picture.filename, ...rest } = saved;
  return { ...rest, picture: { ...picture, filename }, shapes };
}

async function change(context: Context, target: NoteChange, shapes: readonly Shape[]): Promise<Done> {
  const { existing, picture, replacesPicture, header, backExtra } = target;
  const { note, type } = existing;
  const field = writeShapes(shapes);
  const hasOtherShapes = field !== writeShapes(existing.shapes);
  const fieldsWith = (filename: string | undefined): Record<string, string> => ({
    ...(hasOtherShapes && { [type.fields.shapes]: field }),
    ...(filename !== undefined && { [type.fields.image]: markupOf(filename, true) }),
    ...(header !== undefined && { [type.fields.header]: header }),
    ...(backExtra !== undefined && { [type.fields.backExtra]: backExtra }),
  });
  const newName = replacesPicture ? picture?.filename : undefined;
  const fields = fieldsWith(newName);
  const tags = target.tags && !sameTags(target.tags, note.tags) ? [...target.tags] : undefined;
  const isChanged = differingFields(note, fields).length > 0 || picture?.isNew || tags !== undefined;
  const done = { note: note.noteId, picture, shapes };
  if (!isChanged) return { ...done, outcome: 'unchanged' };
  await context.check('updateNote', { note: { id: note.noteId, fields, ...(tags && { tags }) } });
  const stored = await context.asOneStep(async (inner) => {
    requireSamePlan(existing, await readOcclusion(inner, note.noteId));
    const filename = picture && newName !== undefined ? await store(inner, picture) : undefined;
    const content = { fields: fieldsWith(filename), ...(tags && { tags }) };
    await inner.call('updateNote', { note: { id: note.noteId, ...content } });
    return picture && { ...picture, filename: filename ?? picture.filename };
  });
  return { ...done, picture: stored, outcome: 'updated' };
}

/** Returns the note type for new notes. Adds it if it was deleted. */
async function occlusionType(context: Context): Promise<OcclusionType> {
  const [type] = await context.operate('occlusionTypes', {});
  if (type) return type;
  await context.operate('addOcclusionType', {});
  const [added] = await context.operate('occlusionTypes', {});
  if (!added) throw new AnkiRefused('Anki did not add its note type for image occlusion.');
  return added;
}

/** Stores a new picture and returns its name. A file of this name with other content stays. */
const store = async ({ call }: Context, { filename, bytes, isNew }: Picture): Promise<string> =>
  isNew
    ? String(
        await call('storeMediaFile', { filename, data: bytes.toString('base64'), deleteExisting: false }),
      )
    : filename;
