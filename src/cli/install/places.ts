import { existsSync, readdirSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import type { System } from '../system.ts';

/** The folders in which programs keep their settings. */
export interface Places {
  readonly home: string;
  /** The system's standard folder for settings. */
  readonly settings: string;
  /** The folder in which programs keep their settings that use the same one on macOS and Linux. */
  readonly config: string;
  /** Claude's settings folder if it was installed from the Microsoft Store: it reads no other. */
  readonly packagedClaude: string | undefined;
  readonly variable: (name: string) => string | undefined;
  readonly join: (...parts: string[]) => string;
  readonly exists: (path: string) => boolean;
}

/** Read access to the disk; tests replace it. */
export interface Disk {
  readonly list: (folder: string) => readonly string[];
  readonly exists: (path: string) => boolean;
}

const thisDisk: Disk = {
  list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  exists: existsSync,
};

/** Returns the places of a system. */
export function placesOf(system: System, disk = thisDisk): Places {
  const { platform, home, env } = system;
  const path = platform === 'win32' ? win32 : posix;
  return {
    home,
    settings: settingsOf(system),
    config: configOf(system),
    packagedClaude: platform === 'win32' ? findPackagedClaude(system, disk) : undefined,
    variable: (name) => env[name] || undefined,
    join: (...parts) => path.join(...parts),
    exists: disk.exists,
  };
}

function settingsOf(system: System): string {
  if (system.platform === 'darwin') return posix.join(system.home, 'Library', 'Application Support');
  return configOf(system);
}

function configOf({ platform, home, env }: System): string {
  if (platform === 'win32') return env['APPDATA'] || win32.join(home, 'AppData', 'Roaming');
  const folder = platform === 'darwin' ? '' : (env['XDG_CONFIG_HOME'] ?? '');
  return posix.isAbsolute(folder) ? folder : posix.join(home, '.config');
}

function findPackagedClaude({ home, env }: System, disk: Disk): string | undefined {
  const packages = win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'Packages');
  const folders = disk
    .list(packages)
    .filter((name) => name.startsWith('Claude_'))
    .map((name) => win32.join(packages, name, 'LocalCache', 'Roaming', 'Claude'))
    .filter((folder) => disk.exists(folder));
  const used = folders.find((folder) => disk.exists(win32.join(folder, 'claude_desktop_config.json')));
  return used ?? folders[0];
}
