import type { ActionName, Params } from '../../contract/index.ts';
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { mapCalls } from '../leaf-calls.ts';
import type { MediaPolicy } from './media-policy.ts';
import { readMedia } from './media-source.ts';

const attachments = ['audio', 'video', 'picture'];

/** Returns the parameters of one action with each of its media sources changed. */
async function mapSources(
  action: string,
  params: JsonObject,
  change: (source: JsonObject) => Promise<Json>,
): Promise<Json> {
  const each = async (list: Json | undefined, changeItem: (item: Json) => Promise<Json>) => {
    if (!Array.isArray(list)) return list;
    const changed: Json[] = [];
    for (const item of list) changed.push(await changeItem(item));
    return changed;
  };
  const inSource = async (source: Json): Promise<Json> => (isObject(source) ? change(source) : source);
  const inNote = async (note: Json): Promise<Json> => {
    if (!isObject(note)) return note;
    const changed: Record<string, Json | undefined> = { ...note };
    for (const kind of attachments) if (changed[kind]) changed[kind] = await each(changed[kind], inSource);
    return changed;
  };
  if (action === 'storeMediaFile') return change(params);
  const { note, notes } = params;
  return {
    ...params,
    ...(note !== undefined && { note: await inNote(note) }),
    ...(notes !== undefined && { notes: await each(notes, inNote) }),
  };
}

/** Returns the paths of the media files that one action reads. */
export async function mediaPaths(action: string, params: JsonObject): Promise<readonly string[]> {
  const paths: string[] = [];
  await mapSources(action, params, async (source) => {
    if (!source['data'] && source['path']) paths.push(String(source['path']));
    return source;
  });
  return paths;
}

/** Returns the parameters with all media as data, because Anki must not open a path or URL for an assistant. */
export async function inlineMedia<N extends ActionName>(
  name: N,
  params: Params<N>,
  policy: MediaPolicy,
  signal?: AbortSignal,
): Promise<Params<N>> {
  const inlined = async (source: JsonObject): Promise<Json> => {
    if (!(source['path'] || source['url'])) return source;
    const { path: _path, url: _url, ...rest } = source;
    if (rest['data']) return rest;
    const { bytes } = await readMedia(source, policy, signal);
    return { ...rest, data: bytes.toString('base64') };
  };
  const changed = await mapCalls(name, params, (action, each) => mapSources(action, each, inlined));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same parameters with other media sources
  return changed as Params<N>;
}
