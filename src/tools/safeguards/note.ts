import { actions } from '../../contract/index.ts';
import { rule } from './rule.ts';
import { sampled } from './sample.ts';
import { counted, find, listed, shown, withCards, withIds } from './survey.ts';

/** `tag:` alone finds child tags too; a sign that means something to a search or a pattern stands for any. */
const exactTag = (tag: string): string => `"tag:re:^${tag.replaceAll(/[^\p{L}\p{N}_:-]/gu, '.')}$"`;

export const note = {
  deleteNotes: rule(actions.deleteNotes, async (calls, survey) => {
    const given = withIds('nid:', [...new Set(calls.flatMap(({ notes }) => notes))]);
    const notes = await find(survey, 'findNotes', given);
    if (notes.length === 0) return [];
    const searches = withIds('nid:', notes);
    const [texts, cards] = await Promise.all([sampled(survey, notes), withCards(survey, searches)]);
    return [{ deed: `Delete ${counted(notes.length, 'note')}${texts} ${cards}`, searches }];
  }),

  updateNoteModel: rule(actions.updateNoteModel, async (calls, survey) => {
    const given = withIds('nid:', [...new Set(calls.map(({ note: { id } }) => id))]);
    const notes = await find(survey, 'findNotes', given);
    if (notes.length === 0) return [];
    const searches = withIds('nid:', notes);
    const [texts, cards] = await Promise.all([sampled(survey, notes), withCards(survey, searches)]);
    const types = listed([...new Set(calls.map(({ note: { modelName } }) => modelName))]);
    const deed = `Change the type of ${counted(notes.length, 'note')}${texts} ${cards}, to ${types}, and empty the fields that are not given anew`;
    return [{ deed, searches }];
  }),

  replaceTagsInAllNotes: rule(actions.replaceTagsInAllNotes, async (calls, survey) => {
    const searches = calls.map(({ tag_to_replace }) => exactTag(tag_to_replace));
    const notes = await find(survey, 'findNotes', searches);
    if (notes.length === 0) return [];
    const changes = calls.map(
      ({ tag_to_replace, replace_with_tag }) =>
        `"${shown(tag_to_replace, 24)}" by "${shown(replace_with_tag, 24)}"`,
    );
    const deed = `Replace ${listed(changes)} in the tags of ${counted(notes.length, 'note')}${await sampled(survey, notes)}`;
    return [{ deed, searches }];
  }),
};
