import { homedir } from 'node:os';

/** What the places of other programs' files follow from. */
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
