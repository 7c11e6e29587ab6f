import type * as contract from '../../../contract/model.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Handlers } from '../session/handler.ts';
import type { NoteType, Template } from '../session/legacy-json.ts';
import { moved, newTemplate, noteTypeByName, save, sidesOf } from '../session/note-type.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { truthy } from '../../../anki-connect/python.ts';
import { member, str } from '../session/python.ts';

/** Returns the template with this name in the same letter case; the first one if there are several. */
function findTemplate(type: NoteType, name: Json | undefined): Template {
  const template = type.tmpls.find((template) => template.name === name);
  if (!template) throw new AnkiRefused(`template was not found in ${type.name}: ${str(name)}`);
  return template;
}

/** Returns the names of the fields on a side, without filters. Section tags (#, /) do not count. */
const fieldsOn = (side: string): string[] =>
  [...side.matchAll(/\{\{[^#/}]+?\}\}/g)]
    .map(([tag]) => tag.replaceAll(/[{}]/g, '').replace(/^.*:/s, ''))
    .filter((name) => name !== 'FrontSide');

export const modelTemplate = {
  async modelTemplates(collection, { modelName }) {
    const { tmpls } = await noteTypeByName(collection, modelName);
    return Object.fromEntries(tmpls.map(({ name, qfmt, afmt }) => [name, { Front: qfmt, Back: afmt }]));
  },

  async modelFieldsOnTemplates(collection, { modelName }) {
    const { tmpls } = await noteTypeByName(collection, modelName);
    return Object.fromEntries(
      tmpls.map(({ name, qfmt, afmt }) => {
        const front = fieldsOn(qfmt);
        return [name, [front, fieldsOn(afmt).filter((field) => !front.includes(field))]];
      }),
    );
  },

  async updateModelTemplates(collection, { model }) {
    const type = await noteTypeByName(collection, member(model, 'name'));
    const templates = member(model, 'templates');
    if (!isObject(templates))
      throw new AnkiRefused('templates should be an object: {"template name": {"Front": …, "Back": …}}');
    const sides = new Map(Object.entries(templates));
    const tmpls = type.tmpls.map((template) => {
      const newSides = sides.get(template.name);
      if (!truthy(newSides)) return template;
      if (!isObject(newSides))
        throw new AnkiRefused(`templates["${template.name}"] should be an object with Front and Back.`);
      const { Front, Back } = newSides;
      return {
        ...template,
        ...(Front !== undefined && truthy(Front) && { qfmt: Front }),
        ...(Back !== undefined && truthy(Back) && { afmt: Back }),
      };
    });
    await save(collection, { ...type, tmpls });
    return null;
  },

  async modelTemplateRename(collection, { modelName, oldTemplateName, newTemplateName }) {
    const type = await noteTypeByName(collection, modelName);
    const template = findTemplate(type, oldTemplateName);
    const renamed = { ...template, name: newTemplateName ?? null };
    await save(collection, {
      ...type,
      tmpls: type.tmpls.map((other) => (other === template ? renamed : other)),
    });
    return null;
  },

  async modelTemplateReposition(collection, { modelName, templateName, index }) {
    const type = await noteTypeByName(collection, modelName);
    await save(collection, { ...type, tmpls: moved(type.tmpls, findTemplate(type, templateName), index) });
    return null;
  },

  async modelTemplateAdd(collection, { modelName, template }) {
    const type = await noteTypeByName(collection, modelName);
    const name = member(template, 'Name');
    const sides = sidesOf(template);
    const existing = type.tmpls.find((other) => other.name === name);
    if (existing) {
      // Anki-Connect changes only the note type in memory. The next save of this note type writes the change.
      const tmpls = type.tmpls.map((other) => (other === existing ? { ...existing, ...sides } : other));
      collection.noteTypes.set(type.id, { ...type, tmpls });
      return null;
    }
    const added = await newTemplate(collection, name, sides);
    await save(collection, { ...type, tmpls: [...type.tmpls, added] });
    return null;
  },

  async modelTemplateRemove(collection, { modelName, templateName }) {
    const type = await noteTypeByName(collection, modelName);
    const template = findTemplate(type, templateName);
    if (type.tmpls.length < 2) throw new AnkiRefused('must have 1 template');
    await save(collection, { ...type, tmpls: type.tmpls.filter((other) => other !== template) });
    return null;
  },
} satisfies Partial<Handlers<keyof typeof contract>>;
