import { realpathSync } from 'node:fs';
import type { Program } from '../program.ts';
import type { Draft } from './kept-options.ts';
import { launchOf } from './launch.ts';

/** Returns how a client starts the program that is running now, without options. */
export function thisProgram({ main, version }: Program, apiKey?: string): Draft {
  const { command, args, env } = launchOf({
    execPath: process.execPath,
    main: realpathSync(main),
    version,
    platform: process.platform,
    args: [],
    apiKey,
  });
  return { command, program: args, options: new Map(), env };
}
