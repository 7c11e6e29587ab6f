import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { isNotFound } from '../process/engine-error.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { iterate, typeName } from '../../../anki-connect/python.ts';
import { inList, jsonList } from './id-list.ts';
import { id, str, text, type Id } from '../session/python.ts';
import type { RpcResponse } from '../process/rpc.ts';

/** Separates the fields in the database. */
export const fieldSeparator = '\u001f';

export type Note = RpcResponse<'get_note'>;

export async function loadNote(collection: Collection, noteId: Json | undefined): Promise<Note> {
  try {
    return await collection.call('get_note', { nid: id(noteId) });
  } catch (error) {
    throw isNotFound(error) ? new AnkiRefused(`Note was not found: ${str(noteId)}`) : error;
  }
}

/** Returns the notes that exist, in the order of their ids. */
export async function loadNotes(collection: Collection, noteIds: readonly Id[]): Promise<Note[]> {
  const rows = await collection.query(
    `select id, guid, mid, mod, tags, flds from notes where id ${inList} order by id`,
    jsonList(noteIds),
  );
  return rows.map(([noteId, guid, mid, mod, tags, flds]) => ({
    id: id(noteId),
    guid: String(guid),
    notetypeId: id(mid),
    mtimeSecs: Number(mod),
    tags: splitTags(tags).filter(Boolean),
    fields: String(flds).split(fieldSeparator),
  }));
}

/** Saves all notes in one undo step. Anki-Connect itself clears the undo list here. */
export const saveNotes = (collection: Collection, notes: Note[]) =>
  collection.call('update_notes', { notes, skipUndoEntry: false });

/** Sets the values of the named fields. Unknown names are ignored. `normalize` makes names comparable. */
export function fillFields(
  values: string[],
  names: readonly string[],
  fields: Json | undefined,
  normalize = (name: string) => name,
): void {
  if (!isObject(fields)) throw new AnkiRefused(`'${typeName(fields)}' object has no attribute 'items'`);
  const indexes = new Map(names.map((name, index) => [normalize(name), index]));
  for (const [name, value] of Object.entries(fields)) {
    const index = indexes.get(normalize(name));
    if (index !== undefined) values[index] = text(value);
  }
}

export const lowerCase = (name: string): string => name.toLowerCase();

/** Returns tags in the engine's format. Null means no tags. A string counts as a list of its characters. */
export const tagList = (tags: Json | undefined): string[] =>
  tags === undefined || tags === null ? [] : iterate(tags).map(text);

/** Splits the tags column of a note. The result may contain empty strings. */
export const splitTags = (column: Json | undefined): string[] => String(column).split(/[ \u3000]/);
