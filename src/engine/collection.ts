import { join } from 'node:path';
import type { Desk } from './desk.ts';
import type { Host } from './host.ts';

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

/** An open collection, and what a session on it remembers. It lives until the collection is closed. */
export class Collection {
  readonly place: Place;
  readonly profile: string;
  readonly desk: Desk;
  readonly #host: Host;

  constructor(host: Host, place: Place, profile: string, desk: Desk) {
    this.#host = host;
    this.place = place;
    this.profile = profile;
    this.desk = desk;
    this.call = host.call.bind(host);
    this.query = host.query.bind(host);
  }

  /** Calls a method of the engine. */
  readonly call: Host['call'];

  /** Reads rows by SQL. */
  readonly query: Host['query'];

  mediaFile(name: string): string {
    return join(this.place.media, name);
  }

  /** Makes the steps that `work` adds to Anki's undo list one step, so that one call is undone at once. */
  async asOneStep<T>(work: () => Promise<T>): Promise<T> {
    const before = await this.#host.call('get_undo_status', {});
    try {
      return await work();
    } finally {
      const after = await this.#host.call('get_undo_status', {});
      if (after.lastStep > before.lastStep + 1)
        await this.#host.call('merge_undo_entries', { val: before.lastStep + 1 });
    }
  }
}
