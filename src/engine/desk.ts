import type { NoteType } from './legacy-json.ts';

/** What Anki's windows hold in memory. It outlives a closed and reopened collection, but not the process. */
export class Desk {
  /** Note types as the desktop keeps them: edited in place, and dropped at every reset. */
  readonly noteTypes = new Map<number, NoteType>();

  /** What the desktop does before most changes: note types are read anew, and a running review shows its next card. */
  async reset(): Promise<void> {
    this.noteTypes.clear();
  }
}
