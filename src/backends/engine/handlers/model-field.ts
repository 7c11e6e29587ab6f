import type * as contract from '../../../contract/model.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import type { Handlers } from '../session/handler.ts';
import type { Field, NoteType } from '../session/legacy-json.ts';
import { moved, newField, noteTypeByName, save, saveForGood, string } from '../session/note-type.ts';
import { typeName } from '../../../anki-connect/python.ts';
import { str } from '../session/python.ts';
import type { Json } from '../../../lib/json.ts';

/** The field of exactly that name; the last of several. */
function fieldOf(type: NoteType, name: Json | undefined): Field {
  const field = type.flds.findLast((field) => field.name === name);
  if (!field) throw new AnkiRefused(`field was not found in ${type.name}: ${str(name)}`);
  return field;
}

const edited = (type: NoteType, field: Field, change: { readonly [key: string]: Json }): NoteType => ({
  ...type,
  flds: type.flds.map((other) => (other === field ? { ...field, ...change } : other)),
});

interface Which {
  readonly modelName?: Json;
  readonly fieldName?: Json;
}

/** Saves a field with changed members, which are looked at last: the note type and the field must be there first. */
async function edit(
  collection: Collection,
  { modelName, fieldName }: Which,
  change: () => { readonly [key: string]: Json },
): Promise<void> {
  const type = await noteTypeByName(collection, modelName);
  const field = fieldOf(type, fieldName);
  await save(collection, edited(type, field, change()));
}

function integer(what: string, value: Json | undefined): Json {
  if (typeof value === 'boolean') return value;
  if (value === undefined || typeName(value) !== 'int')
    throw new AnkiRefused(`${what} should be an integer: ${str(value)}`);
  return value;
}

export const modelField = {
  async modelFieldNames(collection, { modelName }) {
    const { flds } = await noteTypeByName(collection, modelName);
    return flds.map(({ name }) => name);
  },

  async modelFieldDescriptions(collection, { modelName }) {
    const { flds } = await noteTypeByName(collection, modelName);
    return flds.map(({ description }) => description);
  },

  async modelFieldFonts(collection, { modelName }) {
    const { flds } = await noteTypeByName(collection, modelName);
    return Object.fromEntries(flds.map(({ name, font, size }) => [name, { font, size }]));
  },

  async modelFieldRename(collection, { modelName, oldFieldName, newFieldName }) {
    const type = await noteTypeByName(collection, modelName);
    const renamed = edited(type, fieldOf(type, oldFieldName), { name: newFieldName ?? null });
    await save(collection, await saveForGood(collection, renamed));
    return null;
  },

  async modelFieldReposition(collection, { modelName, fieldName, index }) {
    const type = await noteTypeByName(collection, modelName);
    await save(collection, { ...type, flds: moved(type.flds, fieldOf(type, fieldName), index) });
    return null;
  },

  async modelFieldAdd(collection, { modelName, fieldName, index }) {
    let type = await noteTypeByName(collection, modelName);
    let field = type.flds.findLast(({ name }) => name === fieldName);
    if (!field) {
      const flds = [...type.flds, await newField(collection, fieldName)];
      type = await saveForGood(collection, { ...type, flds });
      // Found by its place: the engine may have cleaned its name.
      field = type.flds.at(-1);
    }
    const flds = field && index !== undefined && index !== null ? moved(type.flds, field, index) : type.flds;
    await save(collection, { ...type, flds });
    return null;
  },

  async modelFieldRemove(collection, { modelName, fieldName }) {
    const type = await noteTypeByName(collection, modelName);
    const field = fieldOf(type, fieldName);
    await save(collection, { ...type, flds: type.flds.filter((other) => other !== field) });
    return null;
  },

  async modelFieldSetFont(collection, { font, ...which }) {
    await edit(collection, which, () => ({ font: string('font', font) }));
    return null;
  },

  async modelFieldSetFontSize(collection, { fontSize, ...which }) {
    await edit(collection, which, () => ({ size: integer('fontSize', fontSize) }));
    return null;
  },

  async modelFieldSetDescription(collection, { description, ...which }) {
    await edit(collection, which, () => ({ description: string('description', description) }));
    return true;
  },
} satisfies Partial<Handlers<keyof typeof contract>>;
