import { readdir, stat } from 'node:fs/promises';
import { join, posix, win32 } from 'node:path';
import { Unreachable } from '../contract/errors.ts';
import type { System } from './system.ts';

/** Returns the folder in which Anki keeps its profiles, unless it is started with -b. */
export function ankiFolder({ platform, home, env }: System): string {
  const path = platform === 'win32' ? win32 : posix;
  if (env['ANKI_BASE']) return env['ANKI_BASE'];
  if (platform === 'win32')
    return path.join(env['APPDATA'] || path.join(home, 'AppData', 'Roaming'), 'Anki2');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Anki2');
  return path.join(env['XDG_DATA_HOME'] || path.join(home, '.local', 'share'), 'Anki2');
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );

const collectionFile = (folder: string, profile: string): string => join(folder, profile, 'collection.anki2');

/** Returns the names of the profiles that have a collection. */
async function profilesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const hasCollection = await Promise.all(names.map((name) => isFile(collectionFile(folder, name))));
  return names.filter((_, index) => hasCollection[index]).toSorted();
}

/** Returns the collection file of a profile. Throws `Unreachable` if the profile does not exist. */
export async function collectionOf(folder: string, profile: string): Promise<string> {
  const profiles = await profilesIn(folder);
  if (profiles.includes(profile)) return collectionFile(folder, profile);
  const found =
    profiles.length > 0 ? `It has ${profiles.join(', ')} (names are case-sensitive)` : 'It has no profiles';
  throw new Unreachable(
    `Anki's folder ${folder} has no profile "${profile}" with a collection. ${found}. If Anki keeps its data in another folder, set --anki-base FOLDER.`,
  );
}
