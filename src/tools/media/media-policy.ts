import type { BlockList, LookupFunction } from 'node:net';
import type { Capabilities } from '../../contract/backend.ts';
import type { ReadPolicy } from '../files/read-access.ts';

/** Exceptions from the rule that addresses must be public. */
export interface Network {
  /** Addresses that are allowed although they are not public. */
  readonly allow?: BlockList;
  /** Resolves host names. */
  readonly lookup?: LookupFunction;
}

/** Sources from which an assistant may read media files. */
export interface MediaPolicy extends Network, ReadPolicy {
  /** Maximum size of one file in bytes. */
  readonly maxBytes: number;
}

/** Returns the policy for these folders on a backend with this limit. */
export const mediaPolicy = (
  dirs: readonly string[],
  { maxMediaBytes }: Pick<Capabilities, 'maxMediaBytes'>,
): MediaPolicy => ({ dirs, maxBytes: maxMediaBytes });
