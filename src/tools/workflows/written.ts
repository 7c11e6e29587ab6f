import { browserSaves, notesInBrowser } from '../browser.ts';
import type { Context } from '../workflow.ts';
import { readNotes, type Note } from '../reading.ts';

export interface Written {
  readonly notes: ReadonlyMap<number, Note>;
  /** The notes that are selected in Anki's browser, whose editor may write its own copy back. */
  readonly inBrowser: ReadonlySet<number>;
}

/** Reads notes, and those in Anki's browser again after the browser has saved. */
export async function readWritten(context: Context, ids: readonly number[]): Promise<Written> {
  const [{ notes: found }, inBrowser] = await Promise.all([
    readNotes(context, ids),
    notesInBrowser(context, ids),
  ]);
  const notes = new Map(found.map((note) => [note.noteId, note]));
  if (inBrowser.length > 0) {
    await browserSaves();
    const again = await readNotes(context, inBrowser);
    for (const id of inBrowser) notes.delete(id);
    for (const note of again.notes) notes.set(note.noteId, note);
  }
  return { notes, inBrowser: new Set(inBrowser) };
}

/** Returns what to do about a note that has another content than was written. */
export function adviceFor({ backend }: Context, isInBrowser: boolean): string {
  if (isInBrowser) {
    return "Anki's browser shows the note and wrote its own copy back: ask the user to close the browser, then save again.";
  }
  return backend.capabilities.hasWindows
    ? "If the note is open in Anki's editor, that window wrote its own copy back: ask the user to close it, then save again."
    : 'Read the note with notesInfo.';
}
