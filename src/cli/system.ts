import { homedir } from 'node:os';

/** The facts that determine where other programs keep their files. */
export interface System {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

export const thisSystem = (): System => ({
  platform: process.platform,
  home: homedir(),
  env: process.env,
});
