import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from './collection.ts';
import { text } from './python.ts';
import type { Json } from '../../../lib/json.ts';

const deepest = 500;

/** How deep brackets nest. Those in quotes and those after a backslash are plain text. */
function nesting(query: string): number {
  let depth = 0;
  let most = 0;
  let quoted = false;
  for (let at = 0; at < query.length; at++) {
    const sign = query[at];
    if (sign === '\\') at++;
    else if (sign === '"') quoted = !quoted;
    else if (sign === '(' && !quoted) most = Math.max(most, ++depth);
    else if (sign === ')' && !quoted) depth = Math.max(0, depth - 1);
  }
  return most;
}

/** The ids of what a search in Anki's language finds; nothing without a query, everything with an empty one. */
export async function search(
  collection: Collection,
  what: 'notes' | 'cards',
  query: Json | undefined,
): Promise<bigint[]> {
  if (query === undefined || query === null) return [];
  const wanted = text(query);
  // Anki's parser recurses: some thousands of brackets exhaust its stack, which ends the whole engine.
  if (nesting(wanted) > deepest) {
    throw new AnkiRefused(
      `This search nests brackets ${nesting(wanted)} deep, and ${deepest} is the limit. Ask with fewer brackets.`,
    );
  }
  const request = { search: wanted, order: { value: { case: 'none', value: {} } } } as const;
  const { ids } = await collection.call(what === 'notes' ? 'search_notes' : 'search_cards', request);
  return ids;
}
