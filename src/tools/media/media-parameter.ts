import type { ActionName, Params } from '../../contract/index.ts';
import { isObject, type Json } from '../../lib/json.ts';
import type { MediaPolicy } from './media-policy.ts';
import { readMedia } from './media-source.ts';

const attachments = ['audio', 'video', 'picture'];

/** Returns the parameters with all media as data, because Anki must not open a path or URL for an assistant. */
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
  const inAction = async (action: string, value: Json): Promise<Json> => {
    if (!isObject(value)) return value;
    if (action === 'multi') return { ...value, actions: (await each(value['actions'], inChild)) ?? null };
    if (action === 'storeMediaFile') return inlined(value);
    const { note, notes } = value;
    return {
      ...value,
      ...(note !== undefined && { note: await inNote(note) }),
      ...(notes !== undefined && { notes: await each(notes, inNote) }),
    };
  };
  const inChild = async (child: Json): Promise<Json> =>
    isObject(child)
      ? { ...child, params: await inAction(String(child['action']), child['params'] ?? {}) }
      : child;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same parameters with other media sources
  return (await inAction(name, params)) as Params<N>;
}
