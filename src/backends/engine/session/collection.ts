import { join } from 'node:path';
import type { NoteType } from './legacy-json.ts';
import type { Host } from '../process/host.ts';
import type { Method, RpcRequest, RpcResponse } from '../process/rpc.ts';
import { Replies } from './replies.ts';
import { UndoSteps } from './undo-steps.ts';

/** Paths of a collection and its media. */
export interface Place {
  readonly path: string;
  readonly media: string;
  readonly mediaDb: string;
}

/** Returns the paths by Anki's convention: X.anki2, X.media, X.media.db2 in one folder. */
export const placeOf = (path: string): Place => {
  const stem = path.replace(/\.anki2$/, '');
  return { path, media: `${stem}.media`, mediaDb: `${stem}.media.db2` };
};

/** A collection file that the engine has open: its place, RPC calls, and undo steps. */
export class Collection {
  readonly place: Place;
  /** Note types as the desktop keeps them: edited in place, and dropped at every reset. */
  readonly noteTypes = new Map<number, NoteType>();
  readonly undoSteps: UndoSteps;
  readonly #replies: Replies;

  constructor(host: Host, place: Place) {
    this.#replies = new Replies(host);
    this.place = place;
    this.undoSteps = new UndoSteps(this.#replies);
    this.query = this.#replies.query.bind(this.#replies);
  }

  /** Calls a method of the engine. Throws EngineError if it refuses. */
  call<M extends Method>(name: M, request: RpcRequest<M>): Promise<RpcResponse<M>> {
    const reply = this.#replies.call(name, request);
    this.undoSteps.observe(name, reply);
    return reply;
  }

  /** Returns the rows of an SQL query. */
  readonly query: Host['query'];

  /** Calls a method that only reads, and another one with its reply. */
  readonly chain: Host['chain'] = (...args) => this.#replies.chain(...args);

  /** Returns the path of a file in the media folder. */
  mediaFile(name: string): string {
    return join(this.place.media, name);
  }

  /** Runs work that only reads: whatever the engine stores meanwhile is taken back. */
  asRead<T>(work: () => Promise<T>): Promise<T> {
    return this.#replies.asRead(work);
  }

  /** Call it before something is written. */
  beforeWrite(): void {
    this.#replies.storeDayStart();
  }

  /** Runs work whose changes become one undo step. */
  asOneStep<T>(work: () => Promise<T>): Promise<T> {
    return this.undoSteps.asOneStep(work);
  }
}
