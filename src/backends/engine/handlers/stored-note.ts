import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { isNotFound } from '../process/engine-error.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { iterate, typeName } from '../../../anki-connect/python.ts';
import { id, str, text } from '../session/python.ts';
import type { Response } from '../process/rpc.ts';

export type Note = Response<'get_note'>;

export async function storedNote(collection: Collection, given: Json | undefined): Promise<Note> {
  try {
    return await collection.call('get_note', { nid: id(given) });
  } catch (error) {
    throw isNotFound(error) ? new AnkiRefused(`Note was not found: ${str(given)}`) : error;
  }
}

/** Saves notes, all in one step of the undo list, which Anki-Connect empties here. */
export const saveNotes = (collection: Collection, notes: Note[]) =>
  collection.call('update_notes', { notes, skipUndoEntry: false });

/** Writes what is given for fields of these names; other names are ignored. */
export function fill(
  values: string[],
  names: readonly string[],
  given: Json | undefined,
  spelling = (name: string) => name,
): void {
  if (!isObject(given)) throw new AnkiRefused(`'${typeName(given)}' object has no attribute 'items'`);
  const places = new Map(names.map((name, place) => [spelling(name), place]));
  for (const [name, value] of Object.entries(given)) {
    const place = places.get(spelling(name));
    if (place !== undefined) values[place] = text(value);
  }
}

export const inAnyCase = (name: string): string => name.toLowerCase();

/** Tags as the engine takes them: null counts as none, and a text as its letters. */
export const tagList = (given: Json | undefined): string[] =>
  given === undefined || given === null ? [] : iterate(given).map(text);
