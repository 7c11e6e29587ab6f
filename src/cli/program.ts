import type { ManifestTool } from '../tools/manifest.ts';

/** The installed package. Only src/main.ts knows where its files are, in the source and in dist. */
export interface Program {
  /** Path of the file that Node runs. */
  readonly main: string;
  readonly version: string;
  /** Reads tools.manifest.json. */
  readonly readTools: () => readonly ManifestTool[];
}
