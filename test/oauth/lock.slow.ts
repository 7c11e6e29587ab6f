import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Bundles the program of the processes. */
async function lockHolder(): Promise<string> {
  const input = fileURLToPath(new URL('../support/lock-holder.ts', import.meta.url));
  const file = join(temporaryFolder(), 'lock-holder.mjs');
  const bundle = await rolldown({ input, platform: 'node' });
  await bundle.write({ file, format: 'esm' });
  await bundle.close();
  return file;
}

test.each([
  ['a file', 2, (lock: string) => writeFileSync(lock, '')],
  [
    'a folder with a file',
    8,
    (lock: string) => {
      mkdirSync(lock);
      writeFileSync(join(lock, 'killed'), '');
    },
  ],
])(
  'of several processes that find a lock left behind, as %s, only one at a time gets it (%i rounds)',
  async (_, rounds, leaveBehind) => {
    const program = await lockHolder();
    const [processes, times] = [4, 5];
    for (let round = 0; round < rounds; round++) {
      const folder = temporaryFolder();
      const [lock, counter] = [join(folder, 'lock'), join(folder, 'counter')];
      writeFileSync(counter, '0');
      leaveBehind(lock);
      const children = Array.from({ length: processes }, () =>
        spawn(process.execPath, [program, lock, counter, String(times), '1000'], { stdio: 'inherit' }),
      );
      const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
      expect(codes).toEqual(children.map(() => 0));
      expect(readFileSync(counter, 'utf8')).toBe(String(processes * times));
      expect(existsSync(lock)).toBe(false);
    }
  },
);
