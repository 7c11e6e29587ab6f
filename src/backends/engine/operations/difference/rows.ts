import type { Hash } from 'node:crypto';
import type { Json } from '../../../../lib/json.ts';
import type { Session } from '../../session/session.ts';

export type Row = readonly Json[];

/** Rows of a page, so that a large difference is not in memory at once. */
const pageRows = 5000;

/** An open collection with its earlier state attached as the schema `before`. */
export type Database = Pick<Session, 'query'>;

/** The rows of a query: their number and the first ones. */
export interface Found {
  readonly count: number;
  readonly first: readonly Row[];
}

/** Runs a query that is ordered by its first column, an integer that no two rows share, and hashes all rows by `part`. */
export async function scan(
  { query }: Database,
  sql: string,
  { samples, hash, part }: { samples: number; hash: (row: string) => void; part: (row: Row) => Row },
): Promise<Found> {
  const first: Row[] = [];
  let count = 0;
  for (let after: Json = -1; ;) {
    const rows: readonly Row[] = await query(
      `select * from (${sql}) where id > ? order by id limit ${pageRows}`,
      after,
    );
    for (const row of rows) hash(JSON.stringify(part(row)));
    first.push(...rows.slice(0, Math.max(0, samples - first.length)));
    count += rows.length;
    const last = rows.at(-1);
    if (rows.length < pageRows || !last) return { count, first };
    after = last[0] ?? null;
  }
}

/** Returns a function that adds a row to hashes, marked with its kind. */
export const hashInto =
  (hashes: readonly Hash[], kind: string) =>
  (row: string): void => {
    for (const hash of hashes) hash.update(`${kind} ${row}\n`);
  };

/** SQL conditions: rows of `table` that only the newer or only the earlier state has. */
export const isAdded = (table: string, alias: string): string =>
  `not exists (select 1 from before.${table} other where other.id = ${alias}.id)`;
export const isDeleted = (table: string, alias: string): string =>
  `not exists (select 1 from main.${table} other where other.id = ${alias}.id)`;
