import { readdir, stat } from 'node:fs/promises';
import { join, posix, win32 } from 'node:path';
import { Unreachable } from '../contract/errors.ts';
import type { System } from './system.ts';

/** Where Anki keeps its profiles, unless it was started with -b. */
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
    (found) => found.isFile(),
    () => false,
  );

const fileOf = (folder: string, profile: string): string => join(folder, profile, 'collection.anki2');

/** The profiles that have a collection. */
async function profilesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const has = await Promise.all(names.map((name) => isFile(fileOf(folder, name))));
  return names.filter((_, index) => has[index]).toSorted();
}

/** The collection file of a profile. */
export async function collectionOf(folder: string, profile: string): Promise<string> {
  const profiles = await profilesIn(folder);
  if (profiles.includes(profile)) return fileOf(folder, profile);
  const there = profiles.length > 0 ? `It has ${profiles.join(', ')}; capitals count` : 'It has none at all';
  throw new Unreachable(
    `Anki's folder ${folder} has no profile "${profile}" with a collection. ${there}. If Anki keeps its data elsewhere, give --anki-base FOLDER.`,
  );
}
