import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from './collection.ts';
import { text } from './python.ts';
import type { Json } from '../../../lib/json.ts';

/** Maximum depth of brackets in a search. */
const maxNesting = 500;

/** Returns the depth to which brackets nest. Quoted and escaped brackets are plain text. */
function nesting(query: string): number {
  let depth = 0;
  let deepest = 0;
  let isQuoted = false;
  for (let at = 0; at < query.length; at++) {
    const character = query[at];
    if (character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === '(' && !isQuoted) deepest = Math.max(deepest, ++depth);
    else if (character === ')' && !isQuoted) depth = Math.max(0, depth - 1);
  }
  return deepest;
}

/** Returns the ids that a search finds: none without a query, all for an empty one. */
export async function search(
  collection: Collection,
  what: 'notes' | 'cards',
  query: Json | undefined,
): Promise<bigint[]> {
  if (query === undefined || query === null) return [];
  const searchText = text(query);
  // Anki's parser recurses: thousands of brackets exhaust its stack and end the whole engine.
  if (nesting(searchText) > maxNesting) {
    throw new AnkiRefused(
      `This search nests brackets ${nesting(searchText)} deep; the limit is ${maxNesting}. Use fewer brackets.`,
    );
  }
  const request = { search: searchText, order: { value: { case: 'none', value: {} } } } as const;
  const { ids } = await collection.call(what === 'notes' ? 'search_notes' : 'search_cards', request);
  return ids;
}
