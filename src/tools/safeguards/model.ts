import { actions } from '../../contract/index.ts';
import { own } from '../../lib/json.ts';
import { inField } from '../search-terms.ts';
import { rule, ruleForEach, type Risk } from './rule.ts';
import { withSamples } from './sample.ts';
import { countOf, listNames, shorten } from '../../lib/wording.ts';
import { find } from '../search-ids.ts';
import { withCards, type Scan } from './scan.ts';

/** Returns a search for the notes of a type. A missing name has none: its call changes nothing and reports the error. */
async function ofType({ call }: Scan, name: string): Promise<string | undefined> {
  const id = own(await call('modelNamesAndIds', {}), name);
  return id === undefined ? undefined : `mid:${id}`;
}

interface Replacing {
  readonly findText: string;
  readonly front?: boolean | undefined;
  readonly back?: boolean | undefined;
  readonly css?: boolean | undefined;
}

async function containsText(
  scan: Scan,
  modelName: string,
  { findText, front = true, back = true, css = true }: Replacing,
): Promise<boolean> {
  const [templates, style] = await Promise.all([
    scan.call('modelTemplates', { modelName }),
    scan.call('modelStyling', { modelName }),
  ]);
  const texts = Object.values(templates).flatMap(({ Front, Back }) => [
    ...(front ? [Front] : []),
    ...(back ? [Back] : []),
  ]);
  return [...texts, ...(css ? [style.css] : [])].some((text) => text.includes(findText));
}

/** Returns the risk of a new design of a note type. */
async function onDesign(scan: Scan, name: string, what: string): Promise<Risk | undefined> {
  const search = await ofType(scan, name);
  if (search === undefined) return undefined;
  const searches = [search];
  const describe = async () =>
    `Replace ${what} of the note type ${shorten(name)} ${await withCards(scan, searches)}`;
  return { kind: 'design', of: await find(scan, 'findNotes', searches), searches, describe };
}

/** Returns true if a new text replaces another one. Anki-Connect ignores empty ones. */
const isReplaced = (text: string | undefined, old: string): boolean =>
  Boolean(text) && old !== '' && text !== old;

export const design = {
  // With the name of an existing template, it replaces that one.
  modelTemplateAdd: ruleForEach(actions.modelTemplateAdd, async ({ modelName, template }, scan) => {
    if ((await ofType(scan, modelName)) === undefined) return undefined;
    const old = own(await scan.call('modelTemplates', { modelName }), template.Name);
    if (old === undefined || (old.Front === template.Front && old.Back === template.Back)) return undefined;
    return onDesign(scan, modelName, `the card template ${shorten(template.Name)}`);
  }),

  updateModelTemplates: ruleForEach(
    actions.updateModelTemplates,
    async ({ model: { name, templates } }, scan) => {
      if ((await ofType(scan, name)) === undefined) return undefined;
      const stored = await scan.call('modelTemplates', { modelName: name });
      const changed = Object.entries(stored).filter(([template, old]) => {
        const { Front, Back } = own(templates, template) ?? {};
        return isReplaced(Front, old.Front) || isReplaced(Back, old.Back);
      });
      if (changed.length === 0) return undefined;
      const names = listNames(changed.map(([template]) => template));
      return onDesign(scan, name, `${countOf(changed.length, 'card template')} (${names})`);
    },
  ),

  updateModelStyling: ruleForEach(actions.updateModelStyling, async ({ model: { name, css } }, scan) => {
    if ((await ofType(scan, name)) === undefined) return undefined;
    const old = (await scan.call('modelStyling', { modelName: name })).css;
    return old === '' || old === css ? undefined : onDesign(scan, name, 'the CSS');
  }),
};

/** Returns the risk of deleting a part of a note type that the same batch may rename, so that its content is unknown. */
const afterRenames = (scan: Scan, search: string, part: string): Risk => ({
  kind: 'deletes',
  of: [part],
  searches: [search],
  describe: async () =>
    `Delete the ${part} ${await withCards(scan, [search])}, by the name that it has after the renames of the same batch`,
});

export const model = {
  modelFieldRemove: ruleForEach(actions.modelFieldRemove, async ({ modelName, fieldName }, scan, batch) => {
    const search = await ofType(scan, modelName);
    if (search === undefined) return undefined;
    if (batch.some(({ name }) => name === 'modelFieldRename'))
      return afterRenames(
        scan,
        search,
        `field "${shorten(fieldName)}" of the note type ${shorten(modelName)}`,
      );
    if (!(await scan.call('modelFieldNames', { modelName })).includes(fieldName)) return undefined;
    const describe = async () => {
      const [notes, filled] = await Promise.all([
        find(scan, 'findNotes', [search]),
        find(scan, 'findNotes', [`${search} ${inField(fieldName, '_*')}`]),
      ]);
      const texts = await withSamples(scan, filled, fieldName);
      return `Delete the field "${shorten(fieldName)}" of the note type ${shorten(modelName)}, with its content in ${filled.length} of ${countOf(notes.length, 'note')}${texts}`;
    };
    return { kind: 'deletes', of: [`${modelName}: ${fieldName}`], searches: [search], describe };
  }),

  modelTemplateRemove: ruleForEach(actions.modelTemplateRemove, async (params, scan, batch) => {
    const { modelName, templateName } = params;
    const type = await ofType(scan, modelName);
    if (type === undefined) return undefined;
    if (batch.some(({ name }) => name === 'modelTemplateRename'))
      return afterRenames(
        scan,
        type,
        `card template "${shorten(templateName)}" of the note type ${shorten(modelName)}`,
      );
    const [{ tmpls } = { tmpls: [] }] = await scan.call('findModelsByName', { modelNames: [modelName] });
    const index = tmpls.findIndex(({ name }) => name === templateName);
    if (index < 0) return undefined;
    const search = `${type} card:${index + 1}`; // a name of digits would be taken for a number
    const describe = async () => {
      const [notes, cards] = await Promise.all([
        find(scan, 'findNotes', [search]),
        withCards(scan, [search]),
      ]);
      return `Delete the card template "${shorten(templateName)}" of the note type ${shorten(modelName)} ${cards}${await withSamples(scan, notes)}`;
    };
    return { kind: 'deletes', of: [`${modelName}: ${templateName}`], searches: [search], describe };
  }),

  findAndReplaceInModels: ruleForEach(actions.findAndReplaceInModels, async (params, scan) => {
    const all = await scan.call('modelNamesAndIds', {});
    const names = Object.keys(all).filter((name) => params.modelName === null || name === params.modelName);
    const contains = await Promise.all(names.map((name) => containsText(scan, name, params)));
    const affected = names.filter((_, index) => contains[index]);
    if (affected.length === 0) return undefined;
    const searches = affected.map((name) => `mid:${own(all, name)}`);
    const describe = async () =>
      `Replace "${shorten(params.findText)}" with "${shorten(params.replaceText)}" in the templates or CSS of ${countOf(affected.length, 'note type')} (${listNames(affected)}) ${await withCards(scan, searches)}`;
    return { kind: 'deletes', of: affected, searches, describe };
  }),

  removeEmptyNotes: rule(actions.removeEmptyNotes, async (_, scan) => {
    const ids = await scan.call('modelNamesAndIds', {});
    const names = Object.keys(ids);
    const notes = await Promise.all(names.map((name) => find(scan, 'findNotes', [`mid:${own(ids, name)}`])));
    const unused = names.filter((_name, index) => notes[index]?.length === 0);
    if (unused.length === 0) return [];
    const describe = () =>
      `Delete ${countOf(unused.length, 'note type')} without notes (${listNames(unused)})`;
    return [{ kind: 'deletes', of: unused, searches: [], describe }];
  }),
};
