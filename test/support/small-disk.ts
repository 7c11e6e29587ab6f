import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostPython, type HostPython } from './host-python.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A place where so many bytes fit. */
export interface SmallDisk {
  readonly folder: string;
  /** For the host that is to work there. */
  readonly python: HostPython;
  /** Makes space, for hosts that start from then on. */
  readonly grow: () => void;
  readonly close: () => void;
}

/** The system lets the host write no file larger than this. */
export async function limitedFiles(bytes: number): Promise<SmallDisk> {
  const folder = temporaryFolder();
  const lifted = join(temporaryFolder(), 'lifted');
  const prelude = `import os.path, resource
if not os.path.exists(${JSON.stringify(lifted)}): resource.setrlimit(resource.RLIMIT_FSIZE, (${bytes}, ${bytes}))`;
  return {
    folder,
    python: await hostPython({ prelude }),
    grow: () => writeFileSync(lifted, ''),
    close: () => {},
  };
}

/** A disk in memory; for who may not mount one, files are limited instead. */
export async function smallDisk(bytes: number): Promise<SmallDisk> {
  const folder = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return limitedFiles(bytes);
  }
  return {
    folder,
    python: await hostPython(),
    grow: () => execFileSync('mount', ['-o', 'remount,size=64m', folder]),
    close: () => {
      if (existsSync(folder)) execFileSync('umount', ['-l', folder]);
    },
  };
}
