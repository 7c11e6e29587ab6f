import { actions } from '../../contract/index.ts';
import { rule } from './rule.ts';
import { counted, find, listed, term } from './survey.ts';

const searched = 50;

export const media = {
  // No backup holds media files. But Anki keeps deleted ones in its trash for a while.
  deleteMediaFile: rule(actions.deleteMediaFile, async (calls, survey) => {
    const files = [...new Set(calls.map(({ filename }) => filename))];
    const search = files.slice(0, searched).map((name) => term('', name));
    const notes = await find(survey, 'findNotes', [search.join(' or ')]);
    const named = `${files.length > searched ? 'at least ' : ''}${counted(notes.length, 'note')}`;
    const what = `${counted(files.length, 'media file')} (${listed(files)})`;
    return [{ deed: `Move ${what}, found in ${named}, to the trash` }];
  }),
};
