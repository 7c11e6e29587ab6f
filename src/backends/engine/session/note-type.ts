import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from './collection.ts';
import { isNotFound } from '../process/engine-error.ts';
import { readNoteType, writeLegacy, type Legacy, type NoteType } from './legacy-json.ts';
import { typeName } from '../../../anki-connect/python.ts';
import { member, numeric, str, text } from './python.ts';
import type { Json } from '../../../lib/json.ts';

/** Returns the ids and names of all note types. */
export const noteTypeNames = async (collection: Collection) =>
  (await collection.call('get_notetype_names', {})).entries;

/** Returns the note type with this name in any letter case, as the desktop holds it in memory. Null finds none. */
export const noteTypeByName = (collection: Collection, name: Json | undefined): Promise<NoteType> =>
  orNotFound(name, async () => {
    const { ntid } = await collection.call('get_notetype_id_by_name', { val: text(name ?? '') });
    return load(collection, ntid);
  });

/** Returns the note type with this id, as the desktop holds it in memory. */
export const noteTypeById = (collection: Collection, id: Json | undefined): Promise<NoteType> =>
  orNotFound(id, () => load(collection, numeric(id)));

async function orNotFound<T>(wanted: Json | undefined, search: () => Promise<T>): Promise<T> {
  try {
    return await search();
  } catch (error) {
    throw isNotFound(error) ? new AnkiRefused(`model was not found: ${str(wanted)}`) : error;
  }
}

async function load(collection: Collection, ntid: bigint): Promise<NoteType> {
  const { noteTypes } = collection;
  const cached = noteTypes.get(Number(ntid));
  if (cached) return cached;
  const loaded = readNoteType(await collection.call('get_notetype_legacy', { ntid }));
  noteTypes.set(loaded.id, loaded);
  return loaded;
}

/** Saves a note type as one undo step. A refused save also drops the edits in memory. */
export async function save(collection: Collection, type: Legacy): Promise<void> {
  collection.noteTypes.delete(type.id);
  await collection.call('update_notetype_legacy', { json: writeLegacy(type), skipChecks: false });
}

/** Saves with Anki's older method, which Anki-Connect uses to add and rename fields. Clears the undo list. */
export async function saveWithoutUndo(collection: Collection, type: Legacy): Promise<NoteType> {
  collection.noteTypes.delete(type.id);
  const { ntid } = await collection.call('add_or_update_notetype', {
    json: writeLegacy(type),
    preserveUsnAndMtime: true,
    skipChecks: false,
  });
  await collection.call('set_config_json', {
    key: 'curModel',
    valueJson: writeLegacy(ntid),
    undoable: false,
  });
  await collection.undoSteps.restart();
  return load(collection, ntid);
}

/** Returns an empty note type. Each reply has new random ids of fields and templates, so none may be used twice. */
export const blankNoteType = async (collection: Collection): Promise<NoteType> =>
  readNoteType(await collection.call('get_stock_notetype_legacy', { kind: 0 }));

/** Returns a new field with default settings. The engine assigns its position. */
export async function newField(collection: Collection, name: Json | undefined): Promise<Json> {
  // Anki fails here without a message.
  if (typeof name !== 'string') throw new AnkiRefused('');
  const { flds } = await blankNoteType(collection);
  return { ...flds[0], name, ord: null };
}

/** HTML templates of the front and back of a card. */
interface Sides {
  readonly qfmt: string;
  readonly afmt: string;
}

/** Returns a new card template. The engine assigns its position. */
export async function newTemplate(collection: Collection, name: Json, sides: Sides): Promise<Json> {
  const { tmpls } = await blankNoteType(collection);
  return { ...tmpls[0], name: string('Name', name), ...sides, ord: null };
}

/** Returns the sides of a template from the parameters of createModel and modelTemplateAdd. */
export const sidesOf = (template: Json | undefined): Sides => ({
  qfmt: string('Front', member(template, 'Front')),
  afmt: string('Back', member(template, 'Back')),
});

/** Returns a string, or throws AnkiRefused. `what` names the value in the error message. */
export function string(what: string, value: Json | undefined): string {
  if (typeof value !== 'string') throw new AnkiRefused(`${what} should be a string: ${str(value)}`);
  return value;
}

/** Returns the list with one item moved, as Python inserts it: a negative index counts from the end. */
export function moved<T>(items: T[], item: T, index: Json | undefined): T[] {
  const isIndex = typeName(index) === 'int' || typeof index === 'boolean';
  if (!isIndex) throw new AnkiRefused(`index should be an integer: ${str(index)}`);
  return items.filter((other) => other !== item).toSpliced(Number(index), 0, item);
}

/** Returns a note's fields by name with their positions, as Anki-Connect does. */
export const fieldValues = ({ flds }: NoteType, fields: readonly string[]) =>
  Object.fromEntries(flds.map(({ name, ord }) => [name, { value: fields[ord] ?? '', order: ord }]));
