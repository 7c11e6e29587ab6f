import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Default files for the login token of a collection. */
export interface TokenFiles {
  /** The collection's own file: two collections may belong to different accounts. */
  readonly own: string;
  /** Where earlier versions stored it: in the engine's folder, for each collection or for all. They are only read. */
  readonly old: readonly string[];
}

/** Returns the default token files of a collection. */
export function tokenFiles(engineFolder: string, collection: string): TokenFiles {
  const path = realPath(collection);
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return {
    own: `${path.replace(/\.anki2$/, '')}.ankiwright-sync.json`,
    old: [join(engineFolder, 'sync', `${name}.json`), join(engineFolder, 'sync.json')],
  };
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
