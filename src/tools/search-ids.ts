import type { Call } from '../contract/backend.ts';

const idsPerSearch = 5000;

/** Returns searches that match these ids, at most 5,000 in each. Anki's searches know no negative ids, and none exists. */
export function withIds(prefix: 'cid:' | 'nid:', ids: readonly number[]): string[] {
  const possible = ids.filter((id) => id >= 0);
  return Array.from(
    { length: Math.ceil(possible.length / idsPerSearch) },
    (_, part) => `${prefix}${possible.slice(part * idsPerSearch, (part + 1) * idsPerSearch).join(',')}`,
  );
}

/** Returns the ids that at least one of the searches finds. */
export async function find(
  { call }: { readonly call: Call },
  action: 'findCards' | 'findNotes',
  searches: readonly string[],
): Promise<number[]> {
  const found = await Promise.all(searches.map((query) => call(action, { query })));
  return [...new Set(found.flat())];
}
