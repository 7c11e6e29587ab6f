import { AnkiRefused } from '../../../contract/errors.ts';
import { attachFiles } from './attachment.ts';
import type { Collection } from '../session/collection.ts';
import type { Session } from '../session/session.ts';
import { isNotFound } from '../process/engine-error.ts';
import type { Handlers } from '../session/handler.ts';
import { refuseOpenMarkup } from '../session/markup.ts';
import { noteTypeById } from '../session/note-type.ts';
import { setTags } from './note-tag.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { truthy } from '../../../anki-connect/python.ts';
import { member, str, text } from '../session/python.ts';
import { fillFields, loadNote, lowerCase, saveNotes, tagList } from './stored-note.ts';

type NoteInput = { readonly [key: string]: Json | undefined };

function requireObject(note: Json | undefined): NoteInput {
  if (isObject(note)) return note;
  throw new AnkiRefused(`A note must be an object with id and the members to change, not ${str(note)}.`);
}

async function setFields(collection: Session, input: NoteInput): Promise<void> {
  const note = await loadNote(collection, member(input, 'id'));
  await collection.reset();
  const type = await noteTypeById(collection, note.notetypeId);
  const names = type.flds.map(({ name }) => name);
  fillFields(note.fields, names, member(input, 'fields'));
  refuseOpenMarkup(type, note.fields);
  await attachFiles(collection, input, names, note.fields);
  await saveNotes(collection, [note]);
}

async function requireNoteType(collection: Collection, name: string) {
  try {
    const { ntid } = await collection.call('get_notetype_id_by_name', { val: name });
    return await noteTypeById(collection, ntid);
  } catch (error) {
    throw isNotFound(error) ? new AnkiRefused(`Model '${name}' not found`) : error;
  }
}

export const noteUpdate = {
  async updateNoteFields(collection, { note }) {
    await setFields(collection, requireObject(note));
    return null;
  },

  async updateNote(collection, { note }) {
    const input = requireObject(note);
    const { fields, tags } = input;
    if (fields === undefined && tags === undefined) {
      throw new AnkiRefused('Must provide a "fields" or "tags" property.');
    }
    await collection.asOneStep(async () => {
      if (fields !== undefined) await setFields(collection, input);
      if (tags !== undefined) await setTags(collection, member(input, 'id'), tags);
    });
    return null;
  },

  async updateNoteModel(collection, { note }) {
    const { id, modelName, fields, tags } = requireObject(note);
    if (!truthy(id)) throw new AnkiRefused('Note ID is required');
    if (!truthy(modelName)) throw new AnkiRefused('Model name is required');
    if (!isObject(fields) || !truthy(fields))
      throw new AnkiRefused('Fields must be provided as a dictionary');
    const stored = await loadNote(collection, id);
    const type = await requireNoteType(collection, text(modelName));
    const names = type.flds.map(({ name }) => name);
    const values = names.map(() => '');
    fillFields(values, names, fields, lowerCase);
    refuseOpenMarkup(type, values);
    await saveNotes(collection, [
      { ...stored, notetypeId: BigInt(type.id), fields: values, tags: tagList(tags) },
    ]);
    return null;
  },
} satisfies Handlers<'updateNoteFields' | 'updateNote' | 'updateNoteModel'>;
