import type { ActionName } from '../contract/index.ts';
import { isList, type Json, type JsonObject } from '../lib/json.ts';
import { maxBytesOf, withoutCss, type PagedCall } from './bounded.ts';
import { idListOf, pageOf } from './id-list.ts';
import { sizeOf } from './size.ts';

type Request = (name: ActionName, params: JsonObject) => Promise<Json>;

interface Reply {
  readonly call: PagedCall;
  readonly response: Json;
}

/**
 * Sends a call. Of a list of ids, Anki gets only as many as the result has room for. So an id that Anki refuses fails the
 * page that contains it, not the pages before it; it may fail a page that ends a few items before it.
 */
export async function requestPage(asked: PagedCall, request: Request): Promise<Reply> {
  const call = asked.name === 'notesInfo' ? await withFoundNotes(asked, request) : asked;
  const list = idListOf(call.name, call.params);
  if (!list) return { call, response: await request(call.name, call.params) };
  const { ids, itemBytes, withIds } = list;
  const items: Json[] = [];
  let room = maxBytesOf(call);
  do {
    const count = Math.max(Math.ceil(room / itemBytes), items.length);
    const part = ids.slice(items.length, items.length + count);
    const response = await request(call.name, withIds(part));
    if (part.length === ids.length || !isReplyTo(part, response)) return { call, response };
    const shown = call.bounds.css === false ? response.map(withoutCss) : response;
    for (const item of shown) items.push(item);
    room -= sizeOf(shown) - 1;
  } while (room >= 0 && items.length < ids.length);
  return { call: { ...call, total: call.total ?? ids.length }, response: items };
}

/** Searches first, so that only the wanted ones of the found notes are read. */
async function withFoundNotes(call: PagedCall, request: Request): Promise<PagedCall> {
  const { query }: JsonObject = call.params;
  if (query === undefined || query === null) return call;
  const notes = await request('findNotes', { query });
  return { ...call, ...pageOf('notesInfo', { notes }, call.bounds) };
}

const isReplyTo = (ids: readonly Json[], response: Json): response is readonly Json[] =>
  typeof response === 'object' && response !== null && isList(response) && response.length === ids.length;
