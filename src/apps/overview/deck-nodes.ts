import type { DeckCounts } from '../../contract/panels/overview.ts';

/** A deck in the tree. */
export interface DeckNode {
  readonly name: string;
  /** The part of the name below its parent. */
  readonly label: string;
  readonly counts: DeckCounts;
  readonly children: DeckNode[];
}

/** Orders decks as Anki does: by name, without letter case, numbers by value. */
const { compare } = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Returns the top-level decks with those below them. A deck whose parent is missing is at the top. */
export function treeOf(decks: readonly DeckCounts[]): DeckNode[] {
  const nodes = new Map<string, DeckNode>();
  const roots: DeckNode[] = [];
  // A parent comes before its children, because its name is shorter.
  for (const counts of decks.toSorted((a, b) => a.name.length - b.name.length)) {
    const { name } = counts;
    const end = name.lastIndexOf('::');
    const parent = end < 0 ? undefined : nodes.get(name.slice(0, end));
    const node = { name, label: parent ? name.slice(end + 2) : name, counts, children: [] };
    nodes.set(name, node);
    (parent?.children ?? roots).push(node);
  }
  for (const list of [roots, ...[...nodes.values()].map(({ children }) => children)])
    list.sort((a, b) => compare(a.label, b.label));
  return roots;
}
