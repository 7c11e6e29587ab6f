import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';

/** One tag that gets another name. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
}

export interface RenamePlan {
  /** Parents before children. */
  readonly renamings: readonly Renaming[];
  /** Old names that no tag has. */
  readonly unknown: readonly string[];
}

/** Maximum number of tags that one call renames, child tags included. */
const maxRenamed = 200;

/** Returns a tag in a form that is equal for tags that Anki treats as the same. */
export const folded = (tag: string): string => tag.normalize('NFC').toLowerCase();

const refuse = (reason: string): never => {
  throw new AnkiRefused(`Nothing was changed: ${reason}`);
};

/**
 * Plans to give tags new names: `names` has the old names of each new one, in any letter case. Child tags follow. Another
 * spelling of the new name itself is renamed too. Throws AnkiRefused if the result would depend on the order.
 */
export function planRenaming(
  names: Readonly<Record<string, readonly string[]>>,
  tags: readonly string[],
): RenamePlan {
  const renamings = new Map<string, Renaming & { readonly entry: string }>();
  const unknown: string[] = [];
  for (const [name, oldNames] of Object.entries(names)) {
    if (name === '' || /[\s"*]/.test(name)) {
      refuse(`"${echo(name)}" cannot be the name of a tag. Use a name without spaces, quotes and *.`);
    }
    for (const old of [name, ...oldNames]) {
      const root = folded(old);
      const found = tags.filter((tag) => folded(tag) === root || folded(tag).startsWith(`${root}::`));
      if (found.length === 0 && old !== name) unknown.push(old);
      if (root !== '' && folded(name).startsWith(`${root}::`) && found.length > 0) {
        refuse(
          `"${echo(old)}" cannot become its own child "${echo(name)}". Rename it to another name first.`,
        );
      }
      for (const from of found) {
        // Lower case does not change the length of what was compared, but normalization may.
        const to = name + from.normalize('NFC').slice(old.normalize('NFC').length);
        if (from === to) continue;
        const other = renamings.get(from);
        if (other && other.to !== to)
          refuse(`the tag "${echo(from)}" would get two names, "${echo(other.to)}" and "${echo(to)}".`);
        renamings.set(from, { from, to, entry: name });
      }
    }
  }
  refuseChains([...renamings.values()]);
  if (renamings.size > maxRenamed) {
    refuse(`these are ${renamings.size} tags with their child tags; one call renames at most ${maxRenamed}.`);
  }
  const depth = ({ from }: Renaming) => from.split('::').length;
  const sorted = [...renamings.values()].toSorted((a, b) => depth(a) - depth(b));
  return { renamings: sorted.map(({ from, to }) => ({ from, to })), unknown };
}

/** Throws if the new name of a tag is the old name in another entry: the result would depend on the order. */
function refuseChains(renamings: readonly (Renaming & { readonly entry: string })[]): void {
  const sources = new Map(renamings.map((renaming) => [folded(renaming.from), renaming]));
  for (const { to, entry } of renamings) {
    const source = sources.get(folded(to));
    if (source && source.entry !== entry) {
      refuse(
        `"${echo(to)}" is both a new name and the old name for "${echo(source.to)}". Make two calls, so that the order is clear.`,
      );
    }
  }
}
