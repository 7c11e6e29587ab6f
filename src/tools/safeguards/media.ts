import { actions } from '../../contract/index.ts';
import { rule } from './rule.ts';
import { countOf, find, listNames } from './scan.ts';
import { term } from '../search-terms.ts';

/** Maximum number of files whose notes are counted. */
const maxSearched = 50;

export const media = {
  // Backups contain no media files, but Anki keeps deleted ones in its trash for a while.
  deleteMediaFile: rule(actions.deleteMediaFile, async (calls, scan) => {
    const files = [...new Set(calls.map(({ filename }) => filename))];
    const search = files.slice(0, maxSearched).map((name) => term('', name));
    const notes = await find(scan, 'findNotes', [search.join(' or ')]);
    const users = `${files.length > maxSearched ? 'at least ' : ''}${countOf(notes.length, 'note')}`;
    const described = `${countOf(files.length, 'media file')} (${listNames(files)})`;
    return [{ consequence: `Move ${described}, used in ${users}, to the trash` }];
  }),
};
