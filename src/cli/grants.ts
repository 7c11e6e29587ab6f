import { listGrants, revokeGrants, type Grant } from '../oauth/grants.ts';
import { UsageError } from '../contract/errors.ts';

/** Lists the grants in a file, or revokes one or all. Returns what the command prints. */
export async function runGrants(path: string, revoke: string | undefined): Promise<string> {
  if (revoke === undefined) return table(path, listGrants(path));
  const count = await revokeGrants(path, revoke);
  if (count === 0 && revoke !== 'all')
    throw new UsageError(`there is no grant "${revoke}" in ${path}; "ankiwright grants" lists them`);
  return `Revoked ${count} ${count === 1 ? 'grant' : 'grants'}. Their clients have no access any more.\n`;
}

const time = (date: Date): string => date.toISOString().slice(0, 16).replace('T', ' ');

function table(path: string, grants: readonly Grant[]): string {
  if (grants.length === 0) return `No client has access (${path}).\n`;
  const rows = [
    ['ID', 'CLIENT', 'LEADS TO', 'SCOPE', 'SINCE (UTC)', 'LAST USED (UTC)'],
    ...grants.map(({ id, client, leadsTo, scope, since, lastUsed }) => [
      id,
      client,
      leadsTo,
      scope,
      time(since),
      time(lastUsed),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
