import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from './collection.ts';
import { text } from './python.ts';
import type { Json } from '../../../lib/json.ts';

const maxNesting = 500;

/** Returns how deep brackets nest. Quoted and escaped brackets are plain text. */
function nesting(query: string): number {
  let depth = 0;
  let most = 0;
  let quoted = false;
  for (let at = 0; at < query.length; at++) {
    const character = query[at];
    if (character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (character === '(' && !quoted) most = Math.max(most, ++depth);
    else if (character === ')' && !quoted) depth = Math.max(0, depth - 1);
  }
  return most;
}

/** Returns the ids that a search finds: none without a query, all for an empty one. */
export async function search(
  collection: Collection,
  what: 'notes' | 'cards',
  query: Json | undefined,
): Promise<bigint[]> {
  if (query === undefined || query === null) return [];
  const wanted = text(query);
  // Anki's parser recurses: thousands of brackets exhaust its stack and end the whole engine.
  if (nesting(wanted) > maxNesting) {
    throw new AnkiRefused(
      `This search nests brackets ${nesting(wanted)} deep; the limit is ${maxNesting}. Use fewer brackets.`,
    );
  }
  const request = { search: wanted, order: { value: { case: 'none', value: {} } } } as const;
  const { ids } = await collection.call(what === 'notes' ? 'search_notes' : 'search_cards', request);
  return ids;
}
