import { quoted, unfound, type Facts, type Insight } from './facts.ts';

const shown = 30;

/** Tags on Anki's list that no note has. */
export async function tags(facts: Facts): Promise<Insight> {
  const untagged = facts.within('tag:none');
  const [all, bare, { notes }] = await Promise.all([
    facts.context.call('getTags', {}),
    facts.context.call('findNotes', { query: untagged }),
    facts.notes,
  ]);
  const used = new Set(notes.flatMap((note) => note.tags.flatMap(withParents)));
  const unseen = all.filter((tag) => !used.has(tag.toLowerCase()));
  const { names, cut } = await unfound(
    facts,
    unseen.map((tag) => [tag, `tag:${quoted(tag)}`] as const),
  );
  return {
    tags: all.length,
    unused: names.length,
    ...(cut !== undefined && { from: cut }),
    ...(names.length > 0 && { advice: 'clearUnusedTags takes them off the list.' }),
    ...(names.length > shown && { shown: `the first ${shown}` }),
    untagged: { notes: bare.length, search: untagged },
    samples: names.slice(0, shown).map((tag) => ({ tag, search: `tag:${quoted(tag)}` })),
  };
}

/** A search for a tag finds its child tags too. */
const withParents = (tag: string): string[] => {
  const parts = tag.toLowerCase().split('::');
  return parts.map((_, index) => parts.slice(0, index + 1).join('::'));
};
