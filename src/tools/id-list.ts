import { z } from 'zod';
import { actions, type ActionName } from '../contract/index.ts';
import { distinctIds, ids } from '../contract/schemas.ts';
import { isId, listings } from '../contract/long-reads.ts';
import { isList, type Json, type JsonObject } from '../lib/json.ts';

/** The ids of a call, and how to make the same call with a part of them. */
export interface IdList {
  readonly ids: readonly Json[];
  /** Usual size of an item in bytes: with it the first request is as large as the result can be. */
  readonly itemBytes: number;
  readonly withIds: (ids: readonly Json[]) => JsonObject;
}

/** Returns the list of ids of a call, if its result has one item for each of them. */
export function idListOf(name: ActionName, params: JsonObject): IdList | undefined {
  const listing = listings[name];
  const ids = listing && params[listing.ids];
  if (!listing || typeof ids !== 'object' || ids === null || !isList(ids)) return undefined;
  if (name === 'notesInfo' && params['query'] !== undefined) return undefined; // the query decides, not the list
  return {
    ids,
    itemBytes: listing.itemBytes,
    withIds: (part) => ({ ...params, [listing.ids]: part }),
  };
}

/** A parameter with a list of ids. */
interface IdParameter {
  readonly key: string;
  /** Whether the schema removes duplicates. */
  readonly isDistinct: boolean;
}

/** Returns the parameter with a list of ids, unless the schema compares the list with other parameters. */
function idParameterOf(name: ActionName): IdParameter | undefined {
  const { input }: { readonly input: z.ZodObject } = actions[name];
  if (input.def.checks?.length) return undefined;
  for (const [key, member] of Object.entries(input.shape)) {
    const schema = member instanceof z.ZodOptional ? member.unwrap() : member;
    if (schema === ids || schema === distinctIds) return { key, isDistinct: schema === distinctIds };
  }
  return undefined;
}

/**
 * Returns arguments with only the first of many ids, which represents all of them in the validation, and a function that
 * puts the others back. A schema takes several times longer for each id than this check.
 */
export function withFirstId(
  name: ActionName,
  args: unknown,
): { readonly args: unknown; readonly putBack: (parsed: object) => object } {
  const unchanged = { args, putBack: (parsed: object) => parsed };
  const parameter = idParameterOf(name);
  if (!parameter || typeof args !== 'object' || args === null) return unchanged;
  const { key, isDistinct } = parameter;
  const all: unknown = new Map<string, unknown>(Object.entries(args)).get(key);
  if (!Array.isArray(all) || all.length < 2 || !all.every(isId)) return unchanged;
  const wanted: readonly unknown[] = isDistinct ? [...new Set(all)] : all;
  return { args: { ...args, [key]: all.slice(0, 1) }, putBack: (parsed) => ({ ...parsed, [key]: wanted }) };
}

/** Paging options of a call. */
interface Page {
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

/** Keeps only the ids of the wanted page, so that Anki reads no others. Also returns how many there were, if it removed some. */
export function pageOf(
  name: ActionName,
  params: JsonObject,
  { offset, limit }: Page,
): { readonly params: JsonObject; readonly total?: number } {
  const list = idListOf(name, params);
  if (!list || (offset === undefined && limit === undefined)) return { params };
  const { ids, withIds } = list;
  const start = offset ?? 0;
  return { params: withIds(ids.slice(start, start + (limit ?? ids.length))), total: ids.length };
}
