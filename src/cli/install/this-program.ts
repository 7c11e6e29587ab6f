import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { jsonIn } from '../../lib/json.ts';
import type { Program } from '../program.ts';
import type { Draft } from './kept-options.ts';
import { launchOf } from './launch.ts';

/** Returns how a client starts the program that is running now, without options. */
export function thisProgram({ main, version }: Program, apiKey?: string): Draft {
  const path = realpathSync(main);
  const { command, args, env } = launchOf({
    execPath: process.execPath,
    main: path,
    source: npxSource(path),
    version,
    platform: process.platform,
    args: [],
    apiKey,
  });
  return { command, program: args, options: new Map(), env };
}

const npxFolder = z.looseObject({ dependencies: z.looseObject({ ankiwright: z.string() }) });

/** Returns the package file that npx runs, if it does not take the package from the registry: its cache names it. */
function npxSource(main: string): string | undefined {
  const [folder] = /^.*[\\/]_npx[\\/][^\\/]+/.exec(main) ?? [];
  if (folder === undefined) return undefined;
  const file = join(folder, 'package.json');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const spec = npxFolder.safeParse(jsonIn(text)).data?.dependencies.ankiwright;
  return spec?.startsWith('file:') ? resolve(folder, spec.slice('file:'.length)) : undefined;
}
