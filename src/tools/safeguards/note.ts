import { actions } from '../../contract/index.ts';
import { rule } from './rule.ts';
import { withSamples } from './sample.ts';
import { countOf, find, listNames, shorten, withCards, withIds } from './scan.ts';

/** Returns a search for exactly this tag (`tag:` alone finds child tags too). A special character matches any character. */
const exactTag = (tag: string): string => `"tag:re:^${tag.replaceAll(/[^\p{L}\p{N}_:-]/gu, '.')}$"`;

export const note = {
  deleteNotes: rule(actions.deleteNotes, async (calls, scan) => {
    const wanted = withIds('nid:', [...new Set(calls.flatMap(({ notes }) => notes))]);
    const notes = await find(scan, 'findNotes', wanted);
    if (notes.length === 0) return [];
    const searches = withIds('nid:', notes);
    const [texts, cards] = await Promise.all([withSamples(scan, notes), withCards(scan, searches)]);
    return [{ consequence: `Delete ${countOf(notes.length, 'note')}${texts} ${cards}`, searches }];
  }),

  updateNoteModel: rule(actions.updateNoteModel, async (calls, scan) => {
    const wanted = withIds('nid:', [...new Set(calls.map(({ note: { id } }) => id))]);
    const notes = await find(scan, 'findNotes', wanted);
    if (notes.length === 0) return [];
    const searches = withIds('nid:', notes);
    const [texts, cards] = await Promise.all([withSamples(scan, notes), withCards(scan, searches)]);
    const types = listNames([...new Set(calls.map(({ note: { modelName } }) => modelName))]);
    const consequence = `Change the type of ${countOf(notes.length, 'note')}${texts} ${cards}, to ${types}, and empty the fields without a new value`;
    return [{ consequence, searches }];
  }),

  replaceTagsInAllNotes: rule(actions.replaceTagsInAllNotes, async (calls, scan) => {
    const searches = calls.map(({ tag_to_replace }) => exactTag(tag_to_replace));
    const notes = await find(scan, 'findNotes', searches);
    if (notes.length === 0) return [];
    const changes = calls.map(
      ({ tag_to_replace, replace_with_tag }) =>
        `"${shorten(tag_to_replace, 24)}" with "${shorten(replace_with_tag, 24)}"`,
    );
    const consequence = `Replace ${listNames(changes)} in the tags of ${countOf(notes.length, 'note')}${await withSamples(scan, notes)}`;
    return [{ consequence, searches }];
  }),
};
