import type { Context } from '../../tools/workflow.ts';

/** What MCP lets one completion hold. */
const most = 100;

export interface Completion {
  readonly values: string[];
  readonly total: number;
  readonly hasMore: boolean;
}

/** The names that begin with what was typed, then those that hold it elsewhere. */
export function complete(typed: string, names: readonly string[]): Completion {
  const wanted = plain(typed);
  const found = names
    .map((name) => ({ name, at: plain(name).indexOf(wanted) }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => Number(a.at > 0) - Number(b.at > 0))
    .map(({ name }) => name);
  return { values: found.slice(0, most), total: found.length, hasMore: found.length > most };
}

const plain = (text: string): string => text.normalize('NFC').toLowerCase();

/** The names to complete from. */
export const names = {
  decks: ({ call }: Context) => call('deckNames', {}),
  noteTypes: ({ call }: Context) => call('modelNames', {}),
  media: async ({ call }: Context) => (await call('getMediaFilesNames', {})).toSorted(),
  tags: async ({ call }: Context) => (await call('getTags', {})).toSorted(),
};
