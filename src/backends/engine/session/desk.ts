import { Browser } from './browser.ts';
import type { Collection } from './collection.ts';
import type { NoteType } from '../handlers/legacy-json.ts';
import { Reviewer } from './reviewer.ts';

/** What Anki's windows hold in memory. It outlives a closed and reopened collection, but not the process. */
export class Desk {
  /** Note types as the desktop keeps them: edited in place, and dropped at every reset. */
  readonly noteTypes = new Map<number, NoteType>();
  readonly reviewer = new Reviewer();
  readonly browser = new Browser();

  /** What the desktop does before most changes: note types are read anew, and a running review shows its next card. */
  async reset(collection: Collection): Promise<void> {
    this.noteTypes.clear();
    if (this.reviewer.active) await this.reviewer.next(collection);
  }

  /** Goes on with an opened collection, which another program may have changed while it was closed. */
  async resume(collection: Collection): Promise<void> {
    this.noteTypes.clear();
    await this.reviewer.resume(collection);
  }
}
