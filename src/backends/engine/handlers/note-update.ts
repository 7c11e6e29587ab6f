import { AnkiRefused } from '../../../contract/errors.ts';
import { attach } from './attachment.ts';
import type { Collection } from '../session/collection.ts';
import type { Session } from '../session/session.ts';
import { isNotFound } from '../process/engine-error.ts';
import type { Handlers } from '../session/handler.ts';
import { noteTypeById } from '../session/note-type.ts';
import { setTags } from './note-tag.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { truthy } from '../../../anki-connect/python.ts';
import { member, str, text } from '../session/python.ts';
import { fill, inAnyCase, saveNotes, storedNote, tagList } from './stored-note.ts';

type Given = { readonly [key: string]: Json | undefined };

function object(given: Json | undefined): Given {
  if (isObject(given)) return given;
  throw new AnkiRefused(`A note must be an object with id and what is to change, not ${str(given)}.`);
}

async function setFields(collection: Session, given: Given): Promise<void> {
  const note = await storedNote(collection, member(given, 'id'));
  await collection.reset();
  const { flds } = await noteTypeById(collection, note.notetypeId);
  const names = flds.map(({ name }) => name);
  fill(note.fields, names, member(given, 'fields'));
  await attach(collection, given, names, note.fields);
  await saveNotes(collection, [note]);
}

async function typeNamed(collection: Collection, name: string) {
  try {
    const { ntid } = await collection.call('get_notetype_id_by_name', { val: name });
    return await noteTypeById(collection, ntid);
  } catch (error) {
    throw isNotFound(error) ? new AnkiRefused(`Model '${name}' not found`) : error;
  }
}

export const noteUpdate = {
  async updateNoteFields(collection, { note }) {
    await setFields(collection, object(note));
    return null;
  },

  async updateNote(collection, { note }) {
    const given = object(note);
    const { fields, tags } = given;
    if (fields === undefined && tags === undefined) {
      throw new AnkiRefused('Must provide a "fields" or "tags" property.');
    }
    await collection.asOneStep(async () => {
      if (fields !== undefined) await setFields(collection, given);
      if (tags !== undefined) await setTags(collection, member(given, 'id'), tags);
    });
    return null;
  },

  async updateNoteModel(collection, { note }) {
    const { id, modelName, fields, tags } = object(note);
    if (!truthy(id)) throw new AnkiRefused('Note ID is required');
    if (!truthy(modelName)) throw new AnkiRefused('Model name is required');
    if (!isObject(fields) || !truthy(fields))
      throw new AnkiRefused('Fields must be provided as a dictionary');
    const stored = await storedNote(collection, id);
    const type = await typeNamed(collection, text(modelName));
    const names = type.flds.map(({ name }) => name);
    const values = names.map(() => '');
    fill(values, names, fields, inAnyCase);
    await saveNotes(collection, [
      { ...stored, notetypeId: BigInt(type.id), fields: values, tags: tagList(tags) },
    ]);
    return null;
  },
} satisfies Handlers<'updateNoteFields' | 'updateNote' | 'updateNoteModel'>;
