import type { ManifestTool } from '../tools/manifest-tool.ts';
import type { Categories } from '../tools/toolsets.ts';

/** The installed package. Only src/main.ts knows where its files are, in the source and in dist. */
export interface Program {
  /** Path of the file that Node runs. */
  readonly main: string;
  readonly version: string;
  /** Reads the tools in tools.manifest.json. */
  readonly readTools: () => readonly ManifestTool[];
  /** Reads the names of actions by category there. */
  readonly readCategories: () => Categories;
}
