import { withExactTag } from '../search-terms.ts';
import { countOf, withIds } from '../safeguards/scan.ts';
import type { Call } from './in-order.ts';
import { summary } from './rule.ts';
import { missing, quoted, sentence } from './words.ts';

/** Maximum number of tags that are counted one by one. */
const maxCounted = 10;

/** Counts the notes that exist, and those that have each of the tags. */
async function tagged(notes: readonly number[], tags: readonly string[], call: Call) {
  const searches = withIds('nid:', [...new Set(notes)]);
  const numberWith = async (condition: string): Promise<number> => {
    const found = await Promise.all(
      searches.map((search) => call('findNotes', { query: `${search} ${condition}` })),
    );
    return found.flat().length;
  };
  const [all, ...each] = await Promise.all(['', ...tags.map(withExactTag)].map(numberWith));
  return { all: all ?? 0, each };
}

const tagsIn = (text: string): string[] =>
  [...new Set(text.split(/\s+/).filter(Boolean))].slice(0, maxCounted);

const change = (name: 'addTags' | 'removeTags') =>
  summary(name, {
    observe: async ({ notes, tags }, call) => tagged(notes, tagsIn(String(tags)), call),
    describe: ({ params: { notes, tags }, before, after }) => {
      const parts = tagsIn(String(tags)).map((tag, index) => {
        const [had = 0, has = 0] = [before.each[index], after.each[index]];
        const changed = countOf(Math.abs(has - had), 'note');
        if (has < had || name === 'removeTags') return `removed ${quoted([tag])} from ${changed}`;
        const already = had > 0 ? `, ${countOf(had, 'note')} already had it` : '';
        return `added ${quoted([tag])} to ${changed}${already}`;
      });
      return sentence(...parts, missing(new Set(notes).size - after.all));
    },
  });

export const tag = {
  addTags: change('addTags'),
  removeTags: change('removeTags'),

  replaceTags: summary('replaceTags', {
    observe: async ({ notes, tag_to_replace: from }, call) => tagged(notes, [from], call),
    describe: ({ params, before, after }) =>
      sentence(
        `replaced ${quoted([params.tag_to_replace])} in ${countOf((before.each[0] ?? 0) - (after.each[0] ?? 0), 'note')}`,
        missing(new Set(params.notes).size - after.all),
      ),
  }),

  replaceTagsInAllNotes: summary('replaceTagsInAllNotes', {
    observe: async ({ tag_to_replace: from }, call) => call('findNotes', { query: withExactTag(from) }),
    describe: ({ params: { tag_to_replace: from }, before, after }) =>
      `Replaced ${quoted([from])} in ${countOf(before.length - after.length, 'note')}.`,
  }),

  clearUnusedTags: summary('clearUnusedTags', {
    observe: async (_, call) => call('getTags', {}),
    describe: ({ before, after }) => {
      const removed = before.filter((name) => !after.includes(name));
      return `Removed ${countOf(removed.length, 'tag')} that no note has${removed.length > 0 ? `: ${quoted(removed)}` : ''}.`;
    },
  }),
};
