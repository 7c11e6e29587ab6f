import type { ActionName } from './index.ts';
import { isList, type Json, type JsonObject } from '../lib/json.ts';

/** An action that returns one item for each id of a list, in its order, whatever the other ids are. */
interface Listing {
  /** The parameter with the list. */
  readonly ids: string;
  /** Usual size of an item in bytes. */
  readonly itemBytes: number;
  /** Number of ids that the engine answers in some 10 ms. */
  readonly part: number;
}

export const listings: Readonly<Partial<Record<ActionName, Listing>>> = {
  areDue: { ids: 'cards', itemBytes: 5, part: 5000 },
  areSuspended: { ids: 'cards', itemBytes: 5, part: 5000 },
  cardsInfo: { ids: 'cards', itemBytes: 800, part: 50 },
  cardsModTime: { ids: 'cards', itemBytes: 40, part: 5000 },
  getEaseFactors: { ids: 'cards', itemBytes: 4, part: 5000 },
  getIntervals: { ids: 'cards', itemBytes: 3, part: 5000 },
  notesInfo: { ids: 'notes', itemBytes: 200, part: 500 },
  notesModTime: { ids: 'notes', itemBytes: 40, part: 5000 },
};

type Request = (name: ActionName, params: JsonObject) => Promise<Json>;

/** True for an id that no action refuses: of a list of these, each part gets the items that it gets in the whole. */
export const isId = (value: unknown): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

/** True if a call reads so much that other calls would wait long. It can then be made in parts. */
export function isLongRead(name: ActionName, params: JsonObject): boolean {
  const listing = listings[name];
  if (!listing) return false;
  if (isSearch(name, params)) return true;
  const { [listing.ids]: ids, query }: JsonObject = params;
  return query === undefined && isJsonList(ids) && ids.length > listing.part && ids.every(isId);
}

const isJsonList = (value: Json | undefined): value is readonly Json[] =>
  typeof value === 'object' && value !== null && isList(value);

/** True if notesInfo gets a search instead of ids, and nothing that it would refuse. */
const isSearch = (name: ActionName, params: JsonObject): boolean =>
  name === 'notesInfo' &&
  typeof params['query'] === 'string' &&
  Object.keys(params).every((key) => key === 'query' || key === 'notes');

/**
 * Makes a long read in parts, and yields the items of each. Other calls run in between, so that each item is right for
 * the time at which it was read.
 */
export async function* readInParts(
  name: ActionName,
  params: JsonObject,
  request: Request,
): AsyncGenerator<readonly Json[], void, void> {
  const whole = isSearch(name, params)
    ? { notes: await request('findNotes', { query: params['query'] }) }
    : params;
  const { ids: key = '', part = 1 } = listings[name] ?? {};
  const { [key]: ids }: JsonObject = whole;
  if (!isJsonList(ids)) return;
  for (let start = 0; start < ids.length; start += part) {
    const items = await request(name, { ...whole, [key]: ids.slice(start, start + part) });
    if (isJsonList(items)) yield items;
  }
}
