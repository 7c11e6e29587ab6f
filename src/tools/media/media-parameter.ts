import type { ActionName, Params } from '../../contract/index.ts';
import { isObject, type Json } from '../../lib/json.ts';
import type { MediaPolicy } from './media-policy.ts';
import { readMedia } from './media-source.ts';

const attachments = ['audio', 'video', 'picture'];

/** The parameters of an action with all media as data: Anki never opens a path or an address for an assistant. */
export async function inlineMedia<N extends ActionName>(
  name: N,
  params: Params<N>,
  policy: MediaPolicy,
  signal?: AbortSignal,
): Promise<Params<N>> {
  const inlined = async (source: Json): Promise<Json> => {
    if (!isObject(source) || !(source['path'] || source['url'])) return source;
    const { path: _path, url: _url, ...rest } = source;
    if (rest['data']) return rest;
    const { bytes } = await readMedia(source, policy, signal);
    return { ...rest, data: bytes.toString('base64') };
  };
  const each = async (list: Json | undefined, change: (item: Json) => Promise<Json>) => {
    if (!Array.isArray(list)) return list;
    const changed: Json[] = [];
    for (const item of list) changed.push(await change(item));
    return changed;
  };
  const inNote = async (note: Json): Promise<Json> => {
    if (!isObject(note)) return note;
    const changed: Record<string, Json | undefined> = { ...note };
    for (const kind of attachments) if (changed[kind]) changed[kind] = await each(changed[kind], inlined);
    return changed;
  };
  const inAction = async (action: string, given: Json): Promise<Json> => {
    if (!isObject(given)) return given;
    if (action === 'multi') return { ...given, actions: (await each(given['actions'], inChild)) ?? null };
    if (action === 'storeMediaFile') return inlined(given);
    const { note, notes } = given;
    return {
      ...given,
      ...(note !== undefined && { note: await inNote(note) }),
      ...(notes !== undefined && { notes: await each(notes, inNote) }),
    };
  };
  const inChild = async (child: Json): Promise<Json> =>
    isObject(child)
      ? { ...child, params: await inAction(String(child['action']), child['params'] ?? {}) }
      : child;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same parameters, but for where media come from
  return (await inAction(name, params)) as Params<N>;
}
