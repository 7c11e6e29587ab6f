import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { engineHome, install } from '../../../src/backends/engine/process/install.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Copies the installed engine into a folder where a test may damage it. */
export async function copiedEngine(): Promise<{ engineDir: string; home: string; wheel: string }> {
  await install({ log: () => {} });
  const engineDir = temporaryFolder();
  const home = engineHome({ engineDir });
  cpSync(engineHome({}), home, { recursive: true });
  const wheel = join(home, 'wheel', 'anki');
  rmSync(join(wheel, '__pycache__'), { recursive: true, force: true });
  return { engineDir, home, wheel };
}
