import { actions } from '../../contract/index.ts';
import { rule, ruleForEach } from './rule.ts';
import { sampled } from './sample.ts';
import { counted, find, listed, shown, term, withCards, type Survey } from './survey.ts';

/** Names that are not there touch nothing: the call itself says so. */
const exists = async ({ call }: Survey, name: string): Promise<boolean> =>
  (await call('modelNames', {})).includes(name);

async function holdsText(
  { call }: Survey,
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
  modelFieldRemove: ruleForEach(actions.modelFieldRemove, async ({ modelName, fieldName }, survey) => {
    if (!(await exists(survey, modelName))) return undefined;
    if (!(await survey.call('modelFieldNames', { modelName })).includes(fieldName)) return undefined;
    const search = term('note:', modelName);
    const [notes, filled] = await Promise.all([
      find(survey, 'findNotes', [search]),
      find(survey, 'findNotes', [`${search} ${term('', fieldName).slice(0, -1)}:_*"`]),
    ]);
    const texts = await sampled(survey, filled, fieldName);
    const deed = `Delete the field "${shown(fieldName)}" of the note type ${shown(modelName)}, with what stands in it in ${filled.length} of ${counted(notes.length, 'note')}${texts}`;
    return { deed, searches: [search] };
  }),

  modelTemplateRemove: ruleForEach(
    actions.modelTemplateRemove,
    async ({ modelName, templateName }, survey) => {
      if (!(await exists(survey, modelName))) return undefined;
      if (!Object.hasOwn(await survey.call('modelTemplates', { modelName }), templateName)) return undefined;
      const search = `${term('note:', modelName)} ${term('card:', templateName)}`;
      const [notes, cards] = await Promise.all([
        find(survey, 'findNotes', [search]),
        withCards(survey, [search]),
      ]);
      const deed = `Delete the card template "${shown(templateName)}" of the note type ${shown(modelName)} ${cards}${await sampled(survey, notes)}`;
      return { deed, searches: [search] };
    },
  ),

  findAndReplaceInModels: ruleForEach(actions.findAndReplaceInModels, async (params, survey) => {
    const all = await survey.call('modelNames', {});
    const names = params.modelName === null ? all : all.filter((name) => name === params.modelName);
    const holds = await Promise.all(names.map((name) => holdsText(survey, name, params)));
    const touched = names.filter((_, index) => holds[index]);
    if (touched.length === 0) return undefined;
    const searches = touched.map((name) => term('note:', name));
    const deed = `Replace "${shown(params.findText)}" by "${shown(params.replaceText)}" in the templates or CSS of ${counted(touched.length, 'note type')} (${listed(touched)}) ${await withCards(survey, searches)}`;
    return { deed, searches };
  }),

  removeEmptyNotes: rule(actions.removeEmptyNotes, async (_, survey) => {
    const names = await survey.call('modelNames', {});
    const notes = await Promise.all(names.map((name) => find(survey, 'findNotes', [term('note:', name)])));
    const unused = names.filter((_name, index) => notes[index]?.length === 0);
    if (unused.length === 0) return [];
    const deed = `Delete ${counted(unused.length, 'note type')} without notes (${listed(unused)})`;
    return [{ deed, searches: [] }];
  }),
};
