import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostPython, type HostPython } from './host-python.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A folder with limited space. */
export interface SmallDisk {
  readonly folder: string;
  /** The Python for a host process that works there. */
  readonly python: HostPython;
  /** Makes space for hosts that start afterwards. */
  readonly grow: () => void;
  readonly close: () => void;
}

/** Limits the size of each file that the host writes. */
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

/** Mounts a small disk in memory. Without the right to mount, the size of files is limited instead. */
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
