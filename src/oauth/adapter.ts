import { errors, type Adapter, type AdapterFactory, type AdapterPayload } from 'oidc-provider';
import { drop, keyOf, kinds, now, type Kind, type Row } from './rows.ts';
import type { Store } from './store.ts';

/** Maximum number of tokens that one refresh token yields during the grace. */
const maxExchanges = 10;

/** Maximum number of rows of each kind in memory. The oldest is dropped. */
const maxInMemory = 2000;

/** Returns where oidc-provider keeps its objects: what has to outlive a restart in the file, the rest in memory. */
export const adapters = (store: Store, graceSeconds: number): AdapterFactory => {
  const endGrant = (grantId: string): Promise<void> =>
    store.change((rows) => void delete rows.Grant[keyOf(grantId)]);
  return (name) => {
    const kind = kinds.find((known) => known === name);
    return kind ? new FileAdapter(store, kind, graceSeconds) : new MemoryAdapter(endGrant);
  };
};

class FileAdapter implements Adapter {
  readonly #store: Store;
  readonly #kind: Kind;
  readonly #graceSeconds: number;

  constructor(store: Store, kind: Kind, graceSeconds: number) {
    this.#store = store;
    this.#kind = kind;
    this.#graceSeconds = graceSeconds;
  }

  async upsert(id: string, object: AdapterPayload, expiresIn?: number): Promise<void> {
    const { jti: _, ...payload } = object;
    const expires = expiresIn === undefined ? undefined : now() + expiresIn;
    await this.#store.change((rows) => {
      const key = keyOf(id);
      rows[this.#kind][key] = { ...rows[this.#kind][key], payload, ...(expires && { expires }) };
    });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const row = this.#store.rows()[this.#kind][keyOf(id)];
    if (row === undefined) return undefined;
    const { payload, consumed } = row;
    return {
      ...payload,
      ...(this.#kind !== 'Client' && { jti: id }),
      ...(consumed !== undefined && !this.#isInGrace(row) && { consumed }),
    };
  }

  /** Several requests of one client refresh with the same token at once: for a while it stays valid. */
  #isInGrace({ consumed = 0, exchanges = 0 }: Row): boolean {
    return Math.abs(now() - consumed) < this.#graceSeconds && exchanges < maxExchanges;
  }

  async consume(id: string): Promise<void> {
    await this.#store.change((rows) => {
      const row = rows[this.#kind][keyOf(id)];
      if (row === undefined) return;
      row.consumed ??= now(); // a later exchange does not prolong the grace
      row.exchanges = (row.exchanges ?? 0) + 1;
    });
  }

  async destroy(id: string): Promise<void> {
    await this.#store.change((rows) => void delete rows[this.#kind][keyOf(id)]);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#store.change((rows) => drop(rows[this.#kind], ({ payload }) => payload.grantId === grantId));
  }

  async findByUid(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
}

/** Keeps codes, interactions and browser sessions. */
class MemoryAdapter implements Adapter {
  readonly #rows = new Map<string, { payload: AdapterPayload; expires: number }>();
  readonly #endGrant: (grantId: string) => Promise<void>;

  constructor(endGrant: (grantId: string) => Promise<void>) {
    this.#endGrant = endGrant;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn = Infinity): Promise<void> {
    this.#rows.delete(id);
    this.#rows.set(id, { payload, expires: now() + expiresIn });
    if (this.#rows.size <= maxInMemory) return;
    const [oldest = ''] = this.#rows.keys();
    this.#rows.delete(oldest);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const row = this.#rows.get(id);
    if (row === undefined || row.expires > now()) return row?.payload;
    this.#rows.delete(id);
    return undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const [id = ''] = [...this.#rows].find(([, { payload }]) => payload.uid === uid) ?? [];
    return this.find(id);
  }

  /** Two requests may have found the same code before either consumes it: the second one ends the grant. */
  async consume(id: string): Promise<void> {
    const payload = this.#rows.get(id)?.payload;
    if (payload === undefined) return;
    if (payload.consumed !== undefined) {
      await this.#endGrant(payload.grantId ?? '');
      throw new errors.InvalidGrant('authorization code already consumed');
    }
    payload.consumed = now();
  }

  async destroy(id: string): Promise<void> {
    this.#rows.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, { payload }] of this.#rows) if (payload.grantId === grantId) this.#rows.delete(id);
  }

  async findByUserCode(): Promise<undefined> {}
}
