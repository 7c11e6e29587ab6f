import { z } from 'zod';
import { action, adds, deletes, ensures, overwrites, reads } from './action.ts';
import { id, nothing, optionalOrEmpty } from './schemas.ts';

const modelName = z.string();

// The schemas do not mention ids of fields and templates: 64-bit integers, sent as strings.
const noteType = z.looseObject({
  id,
  name: z.string(),
  type: z.int().describe('1: cloze'),
  flds: z.array(z.looseObject({ name: z.string() })),
  tmpls: z.array(z.looseObject({ name: z.string() })),
});

const position = z.int().min(0).describe('From 0');

export const modelNames = action({
  title: 'List note types',
  description: 'Lists the names of all note types (models).',
  annotations: reads,
  input: z.strictObject({}),
  output: z.array(z.string()),
});

export const modelNamesAndIds = action({
  title: 'Note types with ids',
  description: 'Maps the name of every note type to its id.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.record(z.string(), id),
});

export const findModelsById = action({
  title: 'Note types by id',
  description: 'Returns whole note types: fields, templates, CSS. One unknown id fails the call.',
  annotations: reads,
  input: z.strictObject({ modelIds: z.array(id) }),
  output: z.array(noteType),
});

export const findModelsByName = action({
  title: 'Note types by name',
  description: 'Returns whole note types: fields, templates, CSS. One unknown name fails the call.',
  annotations: reads,
  input: z.strictObject({ modelNames: z.array(modelName) }),
  output: z.array(noteType),
});

export const modelNameFromId = action({
  title: 'Note type name',
  description: 'Returns the name of the note type with this id.',
  annotations: reads,
  input: z.strictObject({ modelId: id }),
  output: z.string(),
});

export const modelFieldNames = action({
  title: 'Field names',
  description: 'Lists the field names of a note type, in order.',
  annotations: reads,
  input: z.strictObject({ modelName }),
  output: z.array(z.string()),
});

export const modelFieldDescriptions = action({
  title: 'Field descriptions',
  description: 'Lists the hints shown in the empty fields of a note type, in the order of the fields.',
  annotations: reads,
  input: z.strictObject({ modelName }),
  output: z.array(z.string()),
});

export const modelFieldFonts = action({
  title: 'Field fonts',
  description: 'Maps field names to the font and size used in the editor (cards are styled by CSS).',
  annotations: reads,
  input: z.strictObject({ modelName }),
  output: z.record(z.string(), z.looseObject({ font: z.string(), size: z.int() })),
});

export const modelFieldsOnTemplates = action({
  title: 'Fields on templates',
  description:
    'Maps template names to [fields on the front, further fields on the back]. Special fields (Tags, Deck) appear, inverted sections as ^Field.',
  annotations: reads,
  input: z.strictObject({ modelName }),
  output: z.record(z.string(), z.array(z.array(z.string()))),
});

export const createModel = action({
  title: 'Create note type',
  description:
    'Creates a note type and returns it. Every front needs a field, and no two may be alike. A name that exists in another letter case gets a suffix.',
  annotations: adds,
  input: z.strictObject({
    modelName,
    inOrderFields: z.array(z.string()),
    cardTemplates: z.array(
      z.strictObject({
        Name: z.string().optional().describe('Default "Card 1", "Card 2"…'),
        Front: z.string(),
        Back: z.string(),
      }),
    ),
    css: optionalOrEmpty(z.string()),
    isCloze: z.boolean().optional(),
  }),
  output: noteType,
});

export const modelTemplates = action({
  title: 'Card templates',
  description: 'Maps the template names of a note type to the HTML of their sides.',
  annotations: reads,
  input: z.strictObject({ modelName }),
  output: z.record(z.string(), z.looseObject({ Front: z.string(), Back: z.string() })),
});

export const modelStyling = action({
  title: 'Note type CSS',
  description: 'Returns the CSS of a note type.',
  annotations: reads,
  input: z.strictObject({ modelName }),
  output: z.looseObject({ css: z.string() }),
});

export const updateModelTemplates = action({
  title: 'Edit templates',
  description:
    'Replaces the HTML of card templates, by exact name. Unknown names and empty texts are ignored without an error.',
  annotations: overwrites,
  input: z.strictObject({
    model: z.strictObject({
      name: modelName,
      templates: z.record(
        z.string(),
        z.strictObject({ Front: optionalOrEmpty(z.string()), Back: optionalOrEmpty(z.string()) }),
      ),
    }),
  }),
  output: nothing,
});

export const updateModelStyling = action({
  title: 'Edit CSS',
  description: 'Replaces the whole CSS of a note type.',
  annotations: overwrites,
  input: z.strictObject({ model: z.strictObject({ name: modelName, css: z.string() }) }),
  output: nothing,
});

export const findAndReplaceInModels = action({
  title: 'Replace in templates',
  description:
    'Replaces literal text (case-sensitive) in the templates and CSS of a note type and counts the changed types. On all types it may stop halfway: name one.',
  annotations: { ...overwrites, idempotentHint: false },
  input: z.strictObject({
    modelName: modelName.nullable().describe('null: all note types'),
    findText: z.string().min(1),
    replaceText: z.string(),
    front: z.boolean().optional().describe('Default true, like back and css'),
    back: z.boolean().optional(),
    css: z.boolean().optional(),
  }),
  output: z.int(),
});

export const modelTemplateRename = action({
  title: 'Rename template',
  description:
    'Renames a card template. If the name is taken, the later of the two gets a +: check with modelTemplates.',
  annotations: overwrites,
  input: z.strictObject({ modelName, oldTemplateName: z.string(), newTemplateName: z.string() }),
  output: nothing,
});

export const modelTemplateReposition = action({
  title: 'Move template',
  description: 'Moves a card template to another position. The next sync must be a full one.',
  annotations: overwrites,
  input: z.strictObject({ modelName, templateName: z.string(), index: position }),
  output: nothing,
});

export const modelTemplateAdd = action({
  title: 'Add template',
  description:
    'Adds a card template and makes its cards; the next sync must be a full one. Never pass an existing name, which changes that template incompletely: use updateModelTemplates.',
  annotations: ensures,
  input: z.strictObject({
    modelName,
    template: z.strictObject({ Name: z.string(), Front: z.string(), Back: z.string() }),
  }),
  output: nothing,
});

export const modelTemplateRemove = action({
  title: 'Delete template',
  description:
    'Deletes a card template and all its cards with their progress; notes left without cards stay. The next sync must be a full one.',
  annotations: deletes,
  input: z.strictObject({ modelName, templateName: z.string() }),
  output: nothing,
});

export const modelFieldRename = action({
  title: 'Rename field',
  description:
    'Renames a field, in the templates too; cannot be undone. If the name is taken, the later of the two gets a +, and : { } " are dropped: check with modelFieldNames.',
  annotations: overwrites,
  input: z.strictObject({ modelName, oldFieldName: z.string(), newFieldName: z.string() }),
  output: nothing,
});

export const modelFieldReposition = action({
  title: 'Move field',
  description:
    'Moves a field to another position. The first field is the one checked for duplicates. The next sync must be a full one.',
  annotations: overwrites,
  input: z.strictObject({ modelName, fieldName: z.string(), index: position }),
  output: nothing,
});

export const modelFieldAdd = action({
  title: 'Add field',
  description:
    'Adds a field, last without an index; an existing one only moves. Cannot be undone and empties the undo history; the next sync must be a full one.',
  annotations: ensures,
  input: z.strictObject({ modelName, fieldName: z.string(), index: position.optional() }),
  output: nothing,
});

export const modelFieldRemove = action({
  title: 'Delete field',
  description:
    'Deletes a field with its content in all notes, and edits the templates that used it. The next sync must be a full one.',
  annotations: deletes,
  input: z.strictObject({ modelName, fieldName: z.string() }),
  output: nothing,
});

export const modelFieldSetFont = action({
  title: 'Set field font',
  description:
    'Sets the font of a field in the editor; cards are styled by CSS. The font need not be installed.',
  annotations: overwrites,
  input: z.strictObject({ modelName, fieldName: z.string(), font: z.string() }),
  output: nothing,
});

export const modelFieldSetFontSize = action({
  title: 'Set field size',
  description: 'Sets the font size of a field in the editor; cards are styled by CSS.',
  annotations: overwrites,
  input: z.strictObject({ modelName, fieldName: z.string(), fontSize: z.int().min(0).max(65535) }),
  output: nothing,
});

export const modelFieldSetDescription = action({
  title: 'Describe field',
  description: 'Sets the hint shown in a field of the editor while it is empty.',
  annotations: overwrites,
  input: z.strictObject({ modelName, fieldName: z.string(), description: z.string() }),
  output: z.boolean(),
});
