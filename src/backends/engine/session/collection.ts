import { join } from 'node:path';
import type { NoteType } from './legacy-json.ts';
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

/** Anki's undo list holds 30 steps: what goes on for longer has to become one step before the first is forgotten. */
const callsBetweenMerges = 20;

/** A collection file that the engine has open: its place, RPC calls, and undo steps. */
export class Collection {
  readonly place: Place;
  /** Note types as the desktop keeps them: edited in place, and dropped at every reset. */
  readonly noteTypes = new Map<number, NoteType>();
  readonly #host: Host;
  #step: { readonly first: number; calls: number } | undefined;

  constructor(host: Host, place: Place) {
    this.#host = host;
    this.place = place;
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
