import { echo } from '../../../lib/cut.ts';
import { withAnyTag, withTag } from '../../search-terms.ts';
import type { Note } from '../../reading.ts';
import { countTags, similarTags, type TagCount } from '../tag-counts.ts';
import type { Facts, Insight } from './facts.ts';
import { unusedNames } from './unused.ts';

const maxTags = 30;
const maxGroups = 20;
const maxSpellings = 5;
const maxName = 60;

/** Counts the tags of the notes, and finds similar tags and those in Anki's tag list that no note has. */
export async function tags(facts: Facts): Promise<Insight> {
  const untagged = facts.within('tag:none');
  const [all, untaggedNotes, { notes, cut: cutNotes }] = await Promise.all([
    facts.context.call('getTags', {}),
    facts.context.call('findNotes', { query: untagged }),
    facts.notes,
  ]);
  const used = new Set(notes.flatMap((note) => note.tags.flatMap(withParents)));
  const candidates = all.filter((tag) => !used.has(tag.toLowerCase()));
  const { names, cut } = await unusedNames(facts, candidates, { search: withAnyTag, isIn: isTagOf });
  const counts = countTags(notes);
  const similar = similarTags(counts);
  const spelled = counts.filter(({ spellings }) => spellings.length > 1);
  return {
    tags: all.length,
    onNotes: counts.length,
    ...(cutNotes !== undefined && { counted: cutNotes }),
    mostUsed: counts.slice(0, maxTags).map(toRow),
    ...(spelled.length > 0 && { letterCase: spelled.slice(0, maxGroups).map(toRow) }),
    ...(similar.length > 0 && {
      similar: similar.slice(0, maxGroups).map((group) => group.slice(0, maxSpellings).map(toRow)),
      ...(similar.length > maxGroups && { similarGroups: similar.length }),
      similarAdvice: 'Same but for separators, singular and plural. editTags with rename merges them.',
    }),
    unused: names.length,
    ...(cut !== undefined && { from: cut }),
    ...(names.length > 0 && { advice: 'clearUnusedTags removes them from the list.' }),
    ...(names.length > maxTags && { shown: `the first ${maxTags}` }),
    untagged: { notes: untaggedNotes.length, search: untagged },
    samples: names.slice(0, maxTags).map((tag) => ({ tag, search: withTag(tag) })),
  };
}

const toRow = ({ tag, notes, spellings }: TagCount) => ({
  tag: echo(tag, maxName),
  notes,
  ...(spellings.length > 1 && {
    spellings: spellings.slice(0, maxSpellings).map((name) => echo(name, maxName)),
  }),
});

/** Returns true if a note has a tag or one of its child tags. */
const isTagOf = (tag: string, note: Note): boolean => {
  const wanted = tag.toLowerCase();
  return note.tags.some((own) => `${own.toLowerCase()}::`.startsWith(`${wanted}::`));
};

/** Levels of a tag that are compared. Of a deeper tag, a search finds out whether it is used. */
const maxLevels = 50;

/** Returns a tag and its parents: a search for a tag also finds its child tags. */
const withParents = (tag: string): string[] => {
  const parts = tag.toLowerCase().split('::', maxLevels);
  return parts.map((_, index) => parts.slice(0, index + 1).join('::'));
};
