import type { Hash } from 'node:crypto';
import type { Json } from '../../../../lib/json.ts';
import type { Found, Row } from './rows.ts';

/** How a difference is read. */
export interface Scan {
  /** Maximum number of samples of each kind. */
  readonly samples: number;
  /** The hashes of the content and of everything. */
  readonly both: readonly Hash[];
  readonly complete: Hash;
}

/** Returns a value of a text column. */
export const text = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** Returns the numbers of added, deleted and changed rows with their samples; undefined if there are none. */
export function rowsOf<A, D, C>(
  added: Found,
  deleted: Found,
  changed: Found,
  samples: { added: (row: Row) => A; deleted: (row: Row) => D; changed: (row: Row) => C },
) {
  if (added.count + deleted.count + changed.count === 0) return undefined;
  const first = {
    ...(added.first.length > 0 && { added: added.first.map(samples.added) }),
    ...(deleted.first.length > 0 && { deleted: deleted.first.map(samples.deleted) }),
    ...(changed.first.length > 0 && { changed: changed.first.map(samples.changed) }),
  };
  return {
    ...(added.count > 0 && { added: added.count }),
    ...(deleted.count > 0 && { deleted: deleted.count }),
    ...(changed.count > 0 && { changed: changed.count }),
    ...(Object.keys(first).length > 0 && { samples: first }),
  };
}
