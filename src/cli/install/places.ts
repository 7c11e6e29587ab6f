import { existsSync, readdirSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import type { System } from '../system.ts';

/** Where programs keep their settings on a system. */
export interface Places {
  readonly home: string;
  /** Of programs that go by the system's custom. */
  readonly settings: string;
  /** Claude's within a package of the Microsoft Store, which reads no others. */
  readonly packaged: string | undefined;
  readonly variable: (name: string) => string | undefined;
  readonly join: (...parts: string[]) => string;
  readonly has: (path: string) => boolean;
}

/** What has to be looked up. */
export interface Disk {
  readonly list: (folder: string) => readonly string[];
  readonly has: (path: string) => boolean;
}

const thisDisk: Disk = {
  list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  has: existsSync,
};

/** The places of this system, or of another one. */
export function placesOf(system: System, disk = thisDisk): Places {
  const { platform, home, env } = system;
  const path = platform === 'win32' ? win32 : posix;
  return {
    home,
    settings: settingsOf(system),
    packaged: platform === 'win32' ? packagedClaude(system, disk) : undefined,
    variable: (name) => env[name] || undefined,
    join: (...parts) => path.join(...parts),
    has: disk.has,
  };
}

function settingsOf({ platform, home, env }: System): string {
  if (platform === 'win32') return env['APPDATA'] || win32.join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support');
  const named = env['XDG_CONFIG_HOME'] ?? '';
  return posix.isAbsolute(named) ? named : posix.join(home, '.config');
}

function packagedClaude({ home, env }: System, disk: Disk): string | undefined {
  const packages = win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'Packages');
  const folders = disk
    .list(packages)
    .filter((name) => name.startsWith('Claude_'))
    .map((name) => win32.join(packages, name, 'LocalCache', 'Roaming', 'Claude'))
    .filter((folder) => disk.has(folder));
  const used = folders.find((folder) => disk.has(win32.join(folder, 'claude_desktop_config.json')));
  return used ?? folders[0];
}
