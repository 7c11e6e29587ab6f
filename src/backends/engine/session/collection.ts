import { join } from 'node:path';
import type { Account } from './account.ts';
import type { Desk } from './desk.ts';
import type { Host } from '../process/host.ts';
import type { Method, Request, Response } from '../process/rpc.ts';

/** Where a collection and its media are. */
export interface Place {
  readonly path: string;
  readonly media: string;
  readonly mediaDb: string;
}

/** Anki's convention: X.anki2, X.media, X.media.db2, side by side. */
export const placeOf = (path: string): Place => {
  const stem = path.replace(/\.anki2$/, '');
  return { path, media: `${stem}.media`, mediaDb: `${stem}.media.db2` };
};

/** What a collection's user has set, once and for all. */
export interface Settings {
  /** The profile's name. */
  readonly profile: string;
  readonly account: Account;
  /** Whether guiImportFile imports, and does not wait for somebody to press Import. */
  readonly importsAtOnce: boolean;
}

/** Anki's undo list holds 30 steps: what goes on for longer has to become one step before the first is forgotten. */
const callsBetweenMerges = 20;

/** An open collection, and what a session on it remembers. It lives until the collection is closed. */
export class Collection implements Settings {
  readonly place: Place;
  readonly desk: Desk;
  readonly profile: string;
  readonly account: Account;
  readonly importsAtOnce: boolean;
  readonly #host: Host;
  #step: { readonly first: number; calls: number } | undefined;

  constructor(host: Host, place: Place, desk: Desk, { profile, account, importsAtOnce }: Settings) {
    this.#host = host;
    this.place = place;
    this.desk = desk;
    this.profile = profile;
    this.account = account;
    this.importsAtOnce = importsAtOnce;
    this.query = host.query.bind(host);
  }

  /** Calls a method of the engine. */
  call<M extends Method>(name: M, request: Request<M>): Promise<Response<M>> {
    const answer = this.#host.call(name, request);
    if (this.#step && ++this.#step.calls % callsBetweenMerges === 0) void this.#merge(this.#step.first);
    return answer;
  }

  /** Reads rows by SQL. */
  readonly query: Host['query'];

  mediaFile(name: string): string {
    return join(this.place.media, name);
  }

  /** Refreshes the windows, as Anki-Connect does around a change. */
  async reset(): Promise<void> {
    await this.desk.reset(this);
  }

  /** Makes the steps that `work` adds to Anki's undo list one step, so that one call is undone at once. */
  async asOneStep<T>(work: () => Promise<T>): Promise<T> {
    if (this.#step) return work();
    const first = (await this.#host.call('get_undo_status', {})).lastStep + 1;
    this.#step = { first, calls: 0 };
    try {
      return await work();
    } finally {
      this.#step = undefined;
      await this.#merge(first);
    }
  }

  /** Merges all steps from this one on. There may be none, as when `work` undid them or emptied the undo list. */
  async #merge(first: number): Promise<void> {
    await this.#host.call('merge_undo_entries', { val: first }).catch(() => {});
  }
}
