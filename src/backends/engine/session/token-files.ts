import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Default files for the login token of a collection. */
export interface TokenFiles {
  /** The collection's own file: two collections may belong to different accounts. */
  readonly own: string;
  /** The file that all collections shared until version 0.2.0. It is only read. */
  readonly shared: string;
}

/** Returns the default token files of a collection, in the engine's folder. */
export function tokenFiles(folder: string, collection: string): TokenFiles {
  const name = createHash('sha256').update(realPath(collection)).digest('hex').slice(0, 32);
  return { own: join(folder, 'sync', `${name}.json`), shared: join(folder, 'sync.json') };
}

/** Resolves links, also in the path of a collection that does not exist yet. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), basename(path));
  }
}
