import type * as contract from '../../../contract/model.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import type { Handlers } from '../session/handler.ts';
import type { Field, NoteType } from '../session/legacy-json.ts';
import { moved, newField, noteTypeByName, save, saveWithoutUndo, string } from '../session/note-type.ts';
import { repr, typeName } from '../../../anki-connect/python.ts';
import { str } from '../session/python.ts';
import type { Json } from '../../../lib/json.ts';

/** Returns the field with this name in the same letter case; the last one if there are several. */
function findField(type: NoteType, name: Json | undefined): Field {
  const field = type.flds.findLast((field) => field.name === name);
  if (!field) throw new AnkiRefused(`field was not found in ${type.name}: ${str(name)}`);
  return field;
}

const withField = (type: NoteType, field: Field, change: { readonly [key: string]: Json }): NoteType => ({
  ...type,
  flds: type.flds.map((other) => (other === field ? { ...field, ...change } : other)),
});

interface FieldReference {
  readonly modelName?: Json;
  readonly fieldName?: Json;
}

/** Changes members of a field. Calls `change` last, so that a missing note type or field is reported first. */
async function editField(
  collection: Collection,
  { modelName, fieldName }: FieldReference,
  change: () => { readonly [key: string]: Json },
): Promise<void> {
  const type = await noteTypeByName(collection, modelName);
  const field = findField(type, fieldName);
  await save(collection, withField(type, field, change()));
}

function integer(what: string, value: Json | undefined): Json {
  if (typeof value === 'boolean') return value;
  if (value === undefined || typeName(value) !== 'int')
    throw new AnkiRefused(`${what} should be an integer: ${str(value)}`);
  return value;
}

const renamed = (flds: readonly Field[]): string =>
  `The field was added as the last one, but Anki changed its name to ${repr(flds.at(-1)?.name)}. Move it with modelFieldReposition.`;

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
    const renamed = withField(type, findField(type, oldFieldName), { name: newFieldName ?? null });
    await save(collection, await saveWithoutUndo(collection, renamed));
    return null;
  },

  async modelFieldReposition(collection, { modelName, fieldName, index }) {
    const type = await noteTypeByName(collection, modelName);
    await save(collection, { ...type, flds: moved(type.flds, findField(type, fieldName), index) });
    return null;
  },

  async modelFieldAdd(collection, { modelName, fieldName, index }, call) {
    let type = await noteTypeByName(collection, modelName);
    const named = (flds: readonly Field[]) => flds.findLast(({ name }) => name === fieldName);
    if (!named(type.flds)) {
      const flds = [...type.flds, await newField(collection, fieldName)];
      type = await saveWithoutUndo(collection, { ...type, flds });
    }
    let { flds } = type;
    if (index !== undefined && index !== null) {
      const field = named(flds);
      // The engine has changed the name, and Anki-Connect does not find the field. Its message is only the name.
      if (!field) throw new AnkiRefused(call.strict ? renamed(flds) : repr(fieldName));
      flds = moved(flds, field, index);
    }
    await save(collection, { ...type, flds });
    return null;
  },

  async modelFieldRemove(collection, { modelName, fieldName }) {
    const type = await noteTypeByName(collection, modelName);
    const field = findField(type, fieldName);
    await save(collection, { ...type, flds: type.flds.filter((other) => other !== field) });
    return null;
  },

  async modelFieldSetFont(collection, { font, ...reference }) {
    await editField(collection, reference, () => ({ font: string('font', font) }));
    return null;
  },

  async modelFieldSetFontSize(collection, { fontSize, ...reference }) {
    await editField(collection, reference, () => ({ size: integer('fontSize', fontSize) }));
    return null;
  },

  async modelFieldSetDescription(collection, { description, ...reference }) {
    await editField(collection, reference, () => ({ description: string('description', description) }));
    return true;
  },
} satisfies Partial<Handlers<keyof typeof contract>>;
