import { actions } from '../../contract/index.ts';
import { rule, ruleForEach } from './rule.ts';
import { withSamples } from './sample.ts';
import { countOf, find, listNames, shorten, withCards, type Scan } from './scan.ts';
import { term } from '../search-terms.ts';

/** A missing name changes nothing; the call itself reports the error. */
const exists = async ({ call }: Scan, name: string): Promise<boolean> =>
  (await call('modelNames', {})).includes(name);

async function containsText(
  { call }: Scan,
  modelName: string,
  { findText, front = true, back = true, css = true }: Replacing,
): Promise<boolean> {
  const [templates, style] = await Promise.all([
    call('modelTemplates', { modelName }),
    call('modelStyling', { modelName }),
  ]);
  const texts = Object.values(templates).flatMap(({ Front, Back }) => [
    ...(front ? [Front] : []),
    ...(back ? [Back] : []),
  ]);
  return [...texts, ...(css ? [style.css] : [])].some((text) => text.includes(findText));
}

interface Replacing {
  readonly findText: string;
  readonly front?: boolean | undefined;
  readonly back?: boolean | undefined;
  readonly css?: boolean | undefined;
}

export const model = {
  modelFieldRemove: ruleForEach(actions.modelFieldRemove, async ({ modelName, fieldName }, scan) => {
    if (!(await exists(scan, modelName))) return undefined;
    if (!(await scan.call('modelFieldNames', { modelName })).includes(fieldName)) return undefined;
    const search = term('note:', modelName);
    const [notes, filled] = await Promise.all([
      find(scan, 'findNotes', [search]),
      find(scan, 'findNotes', [`${search} ${term('', fieldName).slice(0, -1)}:_*"`]),
    ]);
    const texts = await withSamples(scan, filled, fieldName);
    const consequence = `Delete the field "${shorten(fieldName)}" of the note type ${shorten(modelName)}, with its content in ${filled.length} of ${countOf(notes.length, 'note')}${texts}`;
    return { consequence, searches: [search] };
  }),

  modelTemplateRemove: ruleForEach(actions.modelTemplateRemove, async ({ modelName, templateName }, scan) => {
    if (!(await exists(scan, modelName))) return undefined;
    if (!Object.hasOwn(await scan.call('modelTemplates', { modelName }), templateName)) return undefined;
    const search = `${term('note:', modelName)} ${term('card:', templateName)}`;
    const [notes, cards] = await Promise.all([find(scan, 'findNotes', [search]), withCards(scan, [search])]);
    const consequence = `Delete the card template "${shorten(templateName)}" of the note type ${shorten(modelName)} ${cards}${await withSamples(scan, notes)}`;
    return { consequence, searches: [search] };
  }),

  findAndReplaceInModels: ruleForEach(actions.findAndReplaceInModels, async (params, scan) => {
    const all = await scan.call('modelNames', {});
    const names = params.modelName === null ? all : all.filter((name) => name === params.modelName);
    const contains = await Promise.all(names.map((name) => containsText(scan, name, params)));
    const affected = names.filter((_, index) => contains[index]);
    if (affected.length === 0) return undefined;
    const searches = affected.map((name) => term('note:', name));
    const consequence = `Replace "${shorten(params.findText)}" with "${shorten(params.replaceText)}" in the templates or CSS of ${countOf(affected.length, 'note type')} (${listNames(affected)}) ${await withCards(scan, searches)}`;
    return { consequence, searches };
  }),

  removeEmptyNotes: rule(actions.removeEmptyNotes, async (_, scan) => {
    const names = await scan.call('modelNames', {});
    const notes = await Promise.all(names.map((name) => find(scan, 'findNotes', [term('note:', name)])));
    const unused = names.filter((_name, index) => notes[index]?.length === 0);
    if (unused.length === 0) return [];
    const consequence = `Delete ${countOf(unused.length, 'note type')} without notes (${listNames(unused)})`;
    return [{ consequence, searches: [] }];
  }),
};
