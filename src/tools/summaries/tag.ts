import { withExactTag, withTag } from '../search-terms.ts';
import { storedTag } from '../stored-form.ts';
import { countOf } from '../../lib/wording.ts';
import { withIds } from '../search-ids.ts';
import type { Call } from './in-order.ts';
import { summary } from './rule.ts';
import { missing, quoted, sentence } from './words.ts';

/** Maximum number of tags that are counted one by one. */
const maxCounted = 10;

/** Counts the notes that exist, and those that each of the conditions finds. */
async function counted(notes: readonly number[], conditions: readonly string[], call: Call) {
  const searches = withIds('nid:', [...new Set(notes)]);
  const numberWith = async (condition: string): Promise<number> => {
    const found = await Promise.all(
      searches.map((search) => call('findNotes', { query: `${search} ${condition}` })),
    );
    return found.flat().length;
  };
  const [all, ...each] = await Promise.all(['', ...conditions].map(numberWith));
  return { all: all ?? 0, each };
}

/** Returns the different tags in a text, as Anki stores them. */
const tagsIn = (text: string): string[] => [
  ...new Map(
    text
      .split(/\s+/)
      .filter(Boolean)
      .map((tag) => [storedTag(tag).toLowerCase(), storedTag(tag)]),
  ).values(),
];

interface Change {
  readonly notes: readonly number[];
  readonly tags: unknown;
  readonly add?: boolean | undefined;
}

/** Removing a tag removes its child tags too. */
const change = (name: 'addTags' | 'removeTags') => {
  const removes = ({ add }: Change): boolean => name === 'removeTags' || add === false;
  return summary(name, {
    observe: async (params, call) => {
      const tags = tagsIn(String(params.tags)).slice(0, maxCounted);
      const conditions = tags.map(removes(params) ? withTag : withExactTag);
      return counted(params.notes, conditions, call);
    },
    describe: ({ params, before, after }) => {
      const tags = tagsIn(String(params.tags));
      if (tags.length === 0) return 'Nothing was changed: no tag was given.';
      const parts = tags.slice(0, maxCounted).map((tag, index) => {
        const [had = 0, has = 0] = [before.each[index], after.each[index]];
        if (removes(params)) return `removed ${quoted([tag])} from ${countOf(had - has, 'note')}`;
        const already = had > 0 ? `, ${countOf(had, 'note')} already had it` : '';
        return `added ${quoted([tag])} to ${countOf(has - had, 'note')}${already}`;
      });
      const rest = tags.length - parts.length;
      const more = rest > 0 ? `${countOf(rest, 'more tag')} not counted` : undefined;
      return sentence(...parts, more, missing(new Set(params.notes).size - after.all));
    },
  });
};

export const tag = {
  addTags: change('addTags'),
  removeTags: change('removeTags'),

  replaceTags: summary('replaceTags', {
    observe: async ({ notes, tag_to_replace: from }, call) =>
      counted(notes, [withExactTag(storedTag(from))], call),
    describe: ({ params, before, after }) =>
      sentence(
        `replaced ${quoted([params.tag_to_replace])} in ${countOf((before.each[0] ?? 0) - (after.each[0] ?? 0), 'note')}`,
        missing(new Set(params.notes).size - after.all),
      ),
  }),

  replaceTagsInAllNotes: summary('replaceTagsInAllNotes', {
    observe: async ({ tag_to_replace: from }, call) =>
      call('findNotes', { query: withExactTag(storedTag(from)) }),
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
