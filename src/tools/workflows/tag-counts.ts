import type { Note } from '../reading.ts';

/** A tag in all its spellings by letter case, which Anki's searches do not distinguish. */
export interface TagCount {
  /** The most frequent spelling. */
  readonly tag: string;
  readonly notes: number;
  readonly spellings: readonly string[];
}

const byCount = (a: readonly [string, number], b: readonly [string, number]): number =>
  b[1] - a[1] || (a[0] < b[0] ? -1 : 1);

/** Counts the notes of each tag, the most frequent first. Each note counts once per tag. */
export function countTags(notes: readonly Note[]): TagCount[] {
  const counts = new Map<string, { notes: number; spellings: Map<string, number> }>();
  for (const { tags } of notes) {
    const counted = new Set<string>();
    for (const tag of tags) {
      const key = tag.toLowerCase();
      const count = counts.get(key) ?? { notes: 0, spellings: new Map<string, number>() };
      counts.set(key, count);
      if (!counted.has(key)) count.notes++;
      counted.add(key);
      count.spellings.set(tag, (count.spellings.get(tag) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([key, { notes: number, spellings }]) => {
      const names = [...spellings].toSorted(byCount).map(([name]) => name);
      return { tag: names[0] ?? key, notes: number, spellings: names };
    })
    .toSorted((a, b) => byCount([a.tag, a.notes], [b.tag, b.notes]));
}

/** Groups tags that differ only by separators, or by singular and plural. */
export function similarTags(tags: readonly TagCount[]): TagCount[][] {
  const groups = new Map<string, TagCount[]>();
  for (const tag of tags) {
    const key = tag.tag.toLowerCase().split('::').map(stem).join('::');
    const group = groups.get(key);
    if (group) group.push(tag);
    else groups.set(key, [tag]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Removes separators, and the ending of an English plural from words of more than three letters. */
function stem(level: string): string {
  const bare = level.normalize('NFKC').replaceAll(/[-_./'’]/g, '');
  if (bare === '') return level;
  if (bare.length <= 3) return bare;
  if (bare.endsWith('ies')) return `${bare.slice(0, -3)}y`;
  if (/(?:x|ch|sh|ss)es$/.test(bare)) return bare.slice(0, -2);
  return /[^s]s$/.test(bare) ? bare.slice(0, -1) : bare;
}
