import { createHash } from 'node:crypto';
import { z } from 'zod';

/** A stored object of oidc-provider. Its key is a hash, so the file contains no usable token. */
const row = z.object({
  payload: z.looseObject({ grantId: z.string().optional(), iat: z.number().optional() }),
  /** Seconds since 1970. */
  expires: z.number().optional(),
  /** When a refresh token was first exchanged, and how often. */
  consumed: z.number().optional(),
  exchanges: z.number().optional(),
  /** What the owner saw when they allowed a grant. */
  about: z.object({ client: z.string(), leadsTo: z.string(), scope: z.string() }).optional(),
});

const table = z.record(z.string(), row).default({});

export const file = z.object({
  version: z.literal(1),
  Client: table,
  Grant: table,
  AccessToken: table,
  RefreshToken: table,
});

export type Row = z.output<typeof row>;
export type Rows = z.output<typeof file>;
export const kinds = ['Client', 'Grant', 'AccessToken', 'RefreshToken'] as const;
export type Kind = (typeof kinds)[number];

export const noRows = (): Rows => file.parse({ version: 1 });

/** In hexadecimal digits, because people type the start of a grant's key. */
export const keyOf = (id: string): string => createHash('sha256').update(id).digest('hex');

/** Returns the time in seconds since 1970, as oidc-provider counts it. */
export const now = (): number => Math.floor(Date.now() / 1000);

const hour = 3600;
const limits = { clients: 200, accessTokens: 50, refreshTokens: 60 };

/** Removes what has expired or can no longer be used, and the oldest rows above a limit. */
export function prune(rows: Rows): void {
  for (const kind of kinds) drop(rows[kind], ({ expires }) => expires !== undefined && expires <= now());
  const ids = new Set(tokensOf(rows).map(({ payload }) => payload.grantId ?? ''));
  const valid = new Map(
    [...ids].map((id) => [id, keyOf(id)] as const).filter(([, key]) => key in rows.Grant),
  );
  for (const tokens of [rows.AccessToken, rows.RefreshToken])
    drop(tokens, ({ payload }) => !valid.has(payload.grantId ?? ''));
  keepNewest(rows.AccessToken, limits.accessTokens);
  keepNewest(rows.RefreshToken, limits.refreshTokens);
  const inUse = new Set(valid.values());
  // A new grant has no token until its code is exchanged.
  drop(rows.Grant, ({ payload: { iat = 0 } }, key) => !inUse.has(key) && iat < now() - hour);
  const clients = new Set(Object.values(rows.Grant).map(({ payload }) => keyOf(String(payload['clientId']))));
  drop(rows.Client, (client, key) => !clients.has(key) && registered(client) < now() - hour);
  const oldest = Object.keys(rows.Client).toSorted((a, b) => Number(clients.has(a)) - Number(clients.has(b)));
  for (const key of oldest.slice(0, Math.max(0, oldest.length - limits.clients))) delete rows.Client[key];
}

export const tokensOf = ({ AccessToken, RefreshToken }: Rows): Row[] => [
  ...Object.values(AccessToken),
  ...Object.values(RefreshToken),
];

const registered = ({ payload }: Row): number => Number(payload['client_id_issued_at'] ?? 0);

export function drop(rows: Record<string, Row>, isUseless: (row: Row, key: string) => boolean): void {
  for (const [key, value] of Object.entries(rows)) if (isUseless(value, key)) delete rows[key];
}

/** Limits the tokens of each grant: a client may refresh as often as it likes. Rows are sorted by their creation. */
function keepNewest(rows: Record<string, Row>, limit: number): void {
  const counts = new Map<string, number>();
  for (const [key, { payload }] of Object.entries(rows).toReversed()) {
    const id = payload.grantId ?? '';
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    if (count > limit) delete rows[key];
  }
}
