import { isList, isObject, type Json, type JsonObject } from '../lib/json.ts';

/** Returns parameters with those of each action changed: of the call itself, or of the calls of a batch and of nested batches. */
export async function mapCalls(
  name: string,
  params: Json,
  change: (name: string, params: JsonObject) => Promise<Json>,
): Promise<Json> {
  if (!isObject(params)) return params;
  if (name !== 'multi') return change(name, params);
  const { actions } = params;
  if (typeof actions !== 'object' || actions === null || !isList(actions)) return params;
  const changed: Json[] = [];
  for (const child of actions) {
    changed.push(
      isObject(child)
        ? { ...child, params: await mapCalls(String(child['action']), child['params'] ?? {}, change) }
        : child,
    );
  }
  return { ...params, actions: changed };
}
