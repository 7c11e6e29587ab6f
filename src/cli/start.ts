import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { once } from '../lib/once.ts';
import { runCommand } from './commands.ts';

/** Runs the program whose main file has this URL, one folder below its package. */
export async function start(main: string): Promise<void> {
  const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, main), 'utf8'));
  const manifest = once(() => readJson('../tools.manifest.json'));
  await runCommand(process.argv.slice(2), {
    main: fileURLToPath(main),
    version: readJson('../package.json').version,
    readTools: () => manifest().tools,
    readCategories: () => manifest().categories,
  });
}
