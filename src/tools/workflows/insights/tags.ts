import { withTag } from '../../search-terms.ts';
import { withoutNotes, type Facts, type Insight } from './facts.ts';

const maxTags = 30;

/** Finds tags in Anki's tag list that no note has. */
export async function tags(facts: Facts): Promise<Insight> {
  const untagged = facts.within('tag:none');
  const [all, untaggedNotes, { notes }] = await Promise.all([
    facts.context.call('getTags', {}),
    facts.context.call('findNotes', { query: untagged }),
    facts.notes,
  ]);
  const used = new Set(notes.flatMap((note) => note.tags.flatMap(withParents)));
  const candidates = all.filter((tag) => !used.has(tag.toLowerCase()));
  const { names, cut } = await withoutNotes(
    facts,
    candidates.map((tag) => [tag, withTag(tag)] as const),
  );
  return {
    tags: all.length,
    unused: names.length,
    ...(cut !== undefined && { from: cut }),
    ...(names.length > 0 && { advice: 'clearUnusedTags removes them from the list.' }),
    ...(names.length > maxTags && { shown: `the first ${maxTags}` }),
    untagged: { notes: untaggedNotes.length, search: untagged },
    samples: names.slice(0, maxTags).map((tag) => ({ tag, search: withTag(tag) })),
  };
}

/** Levels of a tag that are compared. Of a deeper tag, a search finds out whether it is used. */
const maxLevels = 50;

/** Returns a tag and its parents: a search for a tag also finds its child tags. */
const withParents = (tag: string): string[] => {
  const parts = tag.toLowerCase().split('::', maxLevels);
  return parts.map((_, index) => parts.slice(0, index + 1).join('::'));
};
