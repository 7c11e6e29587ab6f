import type { FilteredSearch } from '../../../contract/engine/filtered-deck.ts';
import type { Context } from '../../workflow.ts';
import { searchFor } from '../search.ts';

/** Cards that a filtered deck does not take: suspended and buried ones, and those in another filtered deck. */
const taken = '-is:suspended -is:buried';

interface Found {
  readonly search: string;
  readonly found: number;
  /** Cards that the deck can take, before its limit. */
  readonly usable: number;
  readonly why?: string;
}

/** Counts what each search finds, and how much of it a filtered deck can take. An error explains Anki's search syntax. */
export async function countFound(
  context: Context,
  searches: readonly FilteredSearch[],
  ownId: number,
): Promise<Found[]> {
  const counts: Found[] = [];
  for (const { search } of searches) {
    // Alone first: brackets in it could end the ones that are put around it.
    const { found, hint } = await searchFor(context, 'findCards', search);
    const count = async (term: string) =>
      (await context.call('findCards', { query: `(${search}) ${term}` })).length;
    const own = `(-deck:filtered or did:${ownId})`;
    const usable = found.length === 0 ? 0 : await count(`${taken} ${own}`);
    const reasons =
      usable === found.length
        ? []
        : [
            [await count('is:suspended'), 'suspended'],
            [await count('is:buried'), 'buried'],
            [await count(`deck:filtered -did:${ownId}`), 'in another filtered deck'],
          ];
    const why = reasons.flatMap(([cards, state]) => (cards === 0 ? [] : [`${cards} ${state}`])).join(', ');
    counts.push({
      search,
      found: found.length,
      usable,
      ...(found.length === 0
        ? { why: hint ?? 'no card matches' }
        : why !== '' && { why: `${why}: not taken` }),
    });
  }
  return counts;
}
