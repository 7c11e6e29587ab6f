import { countWithin } from '../tools/size.ts';
import type { Context } from '../tools/workflow.ts';

/** Maximum number of values in one completion, set by MCP, and their maximum size in bytes. */
const maxValues = 100;
const maxBytes = 15_000;

export interface Completion {
  readonly values: string[];
  readonly total: number;
  readonly hasMore: boolean;
}

/** Returns the names that start with the typed text, then those that contain it elsewhere. Ignores case. */
export function complete(typed: string, names: readonly string[]): Completion {
  const searched = normalized(typed);
  const found = names
    .map((name) => ({ name, index: normalized(name).indexOf(searched) }))
    .filter(({ index }) => index >= 0)
    .toSorted((a, b) => Number(a.index > 0) - Number(b.index > 0))
    .map(({ name }) => name);
  const values = found.slice(0, Math.min(maxValues, countWithin(found.slice(0, maxValues), maxBytes)));
  return { values, total: found.length, hasMore: found.length > values.length };
}

const normalized = (text: string): string => text.normalize('NFC').toLowerCase();

/** Functions that list names of the collection, for completion and for suggestions in error messages. */
export const collectionNames = {
  decks: ({ call }: Context) => call('deckNames', {}),
  noteTypes: ({ call }: Context) => call('modelNames', {}),
  media: async ({ call }: Context) => (await call('getMediaFilesNames', {})).toSorted(),
  tags: async ({ call }: Context) => (await call('getTags', {})).toSorted(),
};
