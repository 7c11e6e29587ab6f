import { randomUUID } from 'node:crypto';
import type * as contract from '../../../contract/model.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { isNotFound } from '../process/engine-error.ts';
import type { Handlers } from '../session/handler.ts';
import { writeLegacy } from '../session/legacy-json.ts';
import { modelField } from './model-field.ts';
import { modelTemplate } from './model-template.ts';
import {
  blankNoteType,
  newField,
  newTemplate,
  noteTypeById,
  noteTypeByName,
  noteTypeNames,
  save,
  sidesOf,
} from '../session/note-type.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { iterate, truthy } from '../../../anki-connect/python.ts';
import { member, text } from '../session/python.ts';

/** Returns the name, with a suffix if a note type has the same name in another letter case. */
async function uniqueName(collection: Collection, name: string): Promise<string> {
  try {
    await collection.call('get_notetype_id_by_name', { val: name });
    return `${name}-${randomUUID().slice(0, 5)}`;
  } catch (error) {
    if (isNotFound(error)) return name;
    throw error;
  }
}

const isEnabled = (flag: Json | undefined): boolean => flag === undefined || truthy(flag);

export const model = {
  ...modelField,
  ...modelTemplate,

  async modelNames(collection) {
    return (await noteTypeNames(collection)).map(({ name }) => name);
  },

  async modelNamesAndIds(collection) {
    return Object.fromEntries((await noteTypeNames(collection)).map(({ name, id }) => [name, Number(id)]));
  },

  async findModelsById(collection, { modelIds }) {
    return Promise.all(iterate(modelIds).map((id) => noteTypeById(collection, id)));
  },

  async findModelsByName(collection, { modelNames }) {
    return Promise.all(iterate(modelNames).map((name) => noteTypeByName(collection, name)));
  },

  async modelNameFromId(collection, { modelId }) {
    return (await noteTypeById(collection, modelId)).name;
  },

  async createModel(collection, { modelName, inOrderFields, cardTemplates, css, isCloze }) {
    if (!truthy(inOrderFields)) throw new AnkiRefused('Must provide at least one field for inOrderFields');
    if (!truthy(cardTemplates)) throw new AnkiRefused('Must provide at least one card for cardTemplates');
    const name = text(modelName);
    if ((await noteTypeNames(collection)).some((other) => other.name === name))
      throw new AnkiRefused('Model name already exists');
    const type = {
      ...(await blankNoteType(collection)),
      name: await uniqueName(collection, name),
      type: truthy(isCloze) ? 1 : 0,
      flds: await Promise.all(iterate(inOrderFields).map((field) => newField(collection, field))),
      tmpls: await Promise.all(
        iterate(cardTemplates).map(async (card, index) => {
          const { Name = `Card ${index + 1}` } = isObject(card) ? card : {};
          return newTemplate(collection, Name, sidesOf(card));
        }),
      ),
    };
    const { id } = await collection.call('add_notetype_legacy', {
      json: writeLegacy(css === undefined || css === null ? type : { ...type, css }),
    });
    return noteTypeById(collection, id);
  },

  async modelStyling(collection, { modelName }) {
    const { css } = await noteTypeByName(collection, modelName);
    return { css };
  },

  async updateModelStyling(collection, { model }) {
    const type = await noteTypeByName(collection, member(model, 'name'));
    await save(collection, { ...type, css: member(model, 'css') });
    return null;
  },

  async findAndReplaceInModels(collection, { modelName, findText, replaceText, front, back, css }) {
    const find = text(findText);
    if (find === '') throw new AnkiRefused('findText is empty. Pass the text to replace.');
    const ids = truthy(modelName)
      ? [(await noteTypeByName(collection, modelName)).id]
      : (await noteTypeNames(collection)).map(({ id }) => id);
    let found = 0;
    await collection.asOneStep(async () => {
      for (const id of ids) {
        const type = await noteTypeById(collection, id);
        let isFound = false;
        const replace = (side: string, flag: Json | undefined): string => {
          if (!isEnabled(flag) || !side.includes(find)) return side;
          isFound = true;
          return side.replaceAll(find, () => text(replaceText));
        };
        const changed = {
          ...type,
          css: replace(type.css, css),
          tmpls: type.tmpls.map((template) => ({
            ...template,
            qfmt: replace(template.qfmt, front),
            afmt: replace(template.afmt, back),
          })),
        };
        if (isFound) found += 1;
        await save(collection, changed);
      }
    });
    return found;
  },
} satisfies Handlers<keyof typeof contract>;
