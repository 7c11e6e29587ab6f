import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActionName } from '../../../../src/contract/index.ts';
import type { Json } from '../../../../src/lib/json.ts';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { temporaryEngine } from '../../../support/collection.ts';

let engine: Engine;
let close: () => Promise<void>;
beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  await engine.call('createModel', {
    modelName: 'Vocab',
    inOrderFields: ['Term', 'Meaning'],
    cardTemplates: [
      { Name: 'There', Front: '{{Term}}', Back: '{{Meaning}}' },
      { Name: 'Back', Front: '{{Meaning}}', Back: '{{Term}}' },
    ],
  });
});
afterEach(() => close());

const read = async () => {
  const [type] = await engine.call('findModelsByName', { modelNames: ['Vocab'] });
  if (!type) throw new Error('no note type Vocab');
  return type;
};

/** Returns the ids of fields and templates by name. */
const ids = async () => {
  const { flds, tmpls } = await read();
  return Object.fromEntries([...flds, ...tmpls].map(({ name, id }) => [name, id]));
};

const addNote = () =>
  engine.call('addNote', {
    note: { deckName: 'Default', modelName: 'Vocab', fields: { Term: 'eins', Meaning: 'one' } },
  });

/** Returns the ids of cards by template name. */
const cards = async () => {
  const found = await Promise.all(
    Object.keys(await engine.call('modelTemplates', { modelName: 'Vocab' })).map(
      async (name) => [name, await engine.call('findCards', { query: `note:Vocab card:${name}` })] as const,
    ),
  );
  return Object.fromEntries(found);
};

test('edits keep all digits of the ids of fields and templates', async () => {
  const before = await ids();
  expect(new Set(Object.values(before)).size).toBe(4);
  expect(Object.values(before).some((id) => typeof id === 'bigint')).toBe(true);

  await engine.call('updateModelStyling', { model: { name: 'Vocab', css: '.card {}' } });
  await engine.call('modelFieldReposition', { modelName: 'Vocab', fieldName: 'Meaning', index: 0 });
  await engine.call('modelTemplateReposition', { modelName: 'Vocab', templateName: 'Back', index: 0 });
  await engine.call('modelFieldAdd', { modelName: 'Vocab', fieldName: 'Example', index: 1 });
  await engine.call('modelTemplateRename', {
    modelName: 'Vocab',
    oldTemplateName: 'There',
    newTemplateName: 'To',
  });
  await engine.call('modelFieldRename', { modelName: 'Vocab', oldFieldName: 'Term', newFieldName: 'Word' });

  const { There, Term, ...kept } = before;
  const after = await ids();
  expect(after).toMatchObject({ ...kept, To: There, Word: Term });
  expect(Object.keys(after)).toEqual(['Meaning', 'Example', 'Word', 'Back', 'To']);
});

test('cards keep their ids when templates are renamed and moved', async () => {
  await addNote();
  const before = await cards();
  expect(Object.values(before).flat()).toHaveLength(2);

  await engine.call('modelTemplateReposition', { modelName: 'Vocab', templateName: 'Back', index: 0 });
  expect(await cards()).toEqual(before);

  await engine.call('modelTemplateRename', {
    modelName: 'Vocab',
    oldTemplateName: 'Back',
    newTemplateName: 'Home',
  });
  expect(await cards()).toEqual({ There: before['There'], Home: before['Back'] });
});

test('replaceText may contain the characters of a replacement pattern', async () => {
  const replace = { modelName: 'Vocab', findText: '{{Term}}', replaceText: "{{Term}} $& $1 $'" };
  expect(await engine.call('findAndReplaceInModels', replace)).toBe(1);
  expect(await engine.call('modelTemplates', { modelName: 'Vocab' })).toEqual({
    There: { Front: replace.replaceText, Back: '{{Meaning}}' },
    Back: { Front: '{{Meaning}}', Back: replace.replaceText },
  });
});

test('a template added under an existing name changes only in memory until the next save', async () => {
  const template = { Name: 'There', Front: '{{Term}}?', Back: '{{Meaning}}!' };
  await engine.call('modelTemplateAdd', { modelName: 'Vocab', template });
  const changed = { Front: '{{Term}}?', Back: '{{Meaning}}!' };
  expect(await engine.call('modelTemplates', { modelName: 'Vocab' })).toMatchObject({ There: changed });

  await engine.call('createDeck', { deck: 'Any' });
  expect(await engine.call('modelTemplates', { modelName: 'Vocab' })).toMatchObject({
    There: { Front: '{{Term}}' },
  });

  await engine.call('modelTemplateAdd', { modelName: 'Vocab', template });
  await engine.call('updateModelStyling', { model: { name: 'Vocab', css: '' } });
  await engine.call('createDeck', { deck: 'Other' });
  expect(await engine.call('modelTemplates', { modelName: 'Vocab' })).toMatchObject({ There: changed });
});

const lone = 'a\ud800';
test.each<[ActionName, Record<string, Json>]>([
  ['updateModelStyling', { model: { name: 'Vocab', css: lone } }],
  ['modelFieldAdd', { modelName: 'Vocab', fieldName: lone }],
  ['modelFieldRename', { modelName: 'Vocab', oldFieldName: 'Term', newFieldName: lone }],
  ['modelFieldSetFont', { modelName: 'Vocab', fieldName: 'Term', font: lone }],
  ['modelFieldSetDescription', { modelName: 'Vocab', fieldName: 'Term', description: lone }],
  ['modelTemplateAdd', { modelName: 'Vocab', template: { Name: lone, Front: '{{Term}} 2', Back: 'b' } }],
  ['updateModelTemplates', { model: { name: 'Vocab', templates: { There: { Front: `{{Term}}${lone}` } } } }],
  [
    'createModel',
    {
      modelName: 'Other',
      inOrderFields: [lone],
      cardTemplates: [{ Name: 'Card', Front: '{{a}}', Back: 'b' }],
    },
  ],
  ['cloneDeckConfigId', { name: lone }],
  ['cardReviews', { deck: 'Default', startID: lone }],
])("%s refuses an unpaired surrogate with Python's words", async (name, params) => {
  const before = await read();
  await expect(engine.request(name, params)).rejects.toThrow(
    /^'utf-8' codec can't encode character '\\ud800' in position \d+: surrogates not allowed$/,
  );
  expect(await read()).toEqual(before);
});
