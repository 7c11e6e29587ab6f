import { Store } from './store.ts';
import { keyOf, prune, tokensOf, type Row, type Rows } from './rows.ts';

/** A grant as `ankiwright grants` prints it. */
export interface Grant {
  /** Start of the grant's key. */
  readonly id: string;
  readonly client: string;
  /** Where the client's login led. */
  readonly leadsTo: string;
  readonly scope: string;
  readonly since: Date;
  /** When the client last fetched a token, which it does every hour while it is in use. */
  readonly lastUsed: Date;
}

const idLength = 8;

/** Returns the grants in a file that can still be used, the oldest first. */
export function listGrants(path: string): readonly Grant[] {
  const rows = structuredClone(new Store(path).rows());
  prune(rows);
  return Object.entries(rows.Grant).map(([key, row]) => {
    const since = issued(row);
    const used = tokensOf(rows).filter(({ payload }) => keyOf(payload.grantId ?? '') === key);
    return {
      id: key.slice(0, idLength),
      client: row.about?.client || 'unnamed',
      leadsTo: row.about?.leadsTo ?? 'unknown',
      scope: row.about?.scope ?? 'unknown',
      since: new Date(since),
      lastUsed: new Date(Math.max(since, ...used.map(issued))),
    };
  });
}

const issued = ({ payload: { iat = 0 } }: Row): number => iat * 1000;

/** Ends one grant, or all. Returns how many. Servers that use the file refuse its tokens from now on. */
export async function revokeGrants(path: string, id: string): Promise<number> {
  const isMeant = (key: string) => id === 'all' || (id.length >= idLength && key.startsWith(id));
  const find = (rows: Rows) => Object.keys(rows.Grant).filter(isMeant);
  const store = new Store(path);
  if (find(store.rows()).length === 0) return 0;
  return store.change((rows) => {
    const keys = find(rows);
    for (const key of keys) delete rows.Grant[key];
    return keys.length;
  });
}
