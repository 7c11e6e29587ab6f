import { mkdir } from 'node:fs/promises';
import { Host } from '../process/host.ts';
import { copyCollection, deleteCopy } from './collection-copy.ts';
import { Collection, placeOf } from './collection.ts';
import { openCollection } from './opening.ts';
import type { Session } from './session.ts';

/**
 * Opens a copy of the collection, without its media, in a second engine while `work` runs. Whatever happens to the copy,
 * the collection and its undo list stay as they are. The caller must make no other call meanwhile.
 */
export async function withCopyOpen<T>(
  { place, installation }: Session,
  work: (copy: Collection) => Promise<T>,
): Promise<T> {
  const copy = placeOf(await copyCollection(place.path));
  let host: Host | undefined;
  try {
    await mkdir(copy.media);
    host = await Host.start(await installation());
    await openCollection(host, copy, '', true);
    return await work(new Collection(host, copy));
  } finally {
    await host?.close();
    await deleteCopy(copy.path);
  }
}
