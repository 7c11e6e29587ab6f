import type { BlockList, LookupFunction } from 'node:net';
import type { Capabilities } from '../../contract/backend.ts';

/** What is known of the network beside the rule that addresses must be public. */
export interface Network {
  /** Addresses that may be reached although they are not public. */
  readonly allow?: BlockList;
  /** How names are resolved. */
  readonly lookup?: LookupFunction;
}

/** Where an assistant may take media files from. */
export interface MediaPolicy extends Network {
  /** Folders of the user's choice, with all below them. */
  readonly dirs: readonly string[];
  /** Of one file. */
  readonly maxBytes: number;
}

/** Returns the policy for these folders on a backend with this limit. */
export const mediaPolicy = (
  dirs: readonly string[],
  { maxMediaBytes }: Pick<Capabilities, 'maxMediaBytes'>,
): MediaPolicy => ({ dirs, maxBytes: maxMediaBytes });
