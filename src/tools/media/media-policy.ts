import type { BlockList, LookupFunction } from 'node:net';
import type { Backend } from '../../contract/backend.ts';

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

const megabyte = 1024 * 1024;

/** The add-on reads requests ever more slowly, and Anki stands still meanwhile: 14 MB of base64 take some 20 s. */
export const mediaPolicy = (dirs: readonly string[], kind: Backend['kind']): MediaPolicy => ({
  dirs,
  maxBytes: (kind === 'engine' ? 20 : 10) * megabyte,
});
