import { messageOf } from '../../../lib/error.ts';
import { notesInBrowser, browserSaves } from '../../browser.ts';
import { differingFields, sameTags } from '../../stored-form.ts';
import type { Context } from '../../workflow.ts';
import { readNotes, type Note } from '../reading.ts';
import type { Draft } from './save-draft.ts';
import { identifyDuplicates } from './save-duplicates.ts';

/** Reads written notes back, and finds the existing notes and decks of those that are there already. */
export async function confirm(context: Context, drafts: readonly Draft[]): Promise<void> {
  await Promise.all([verify(context, drafts), identifyDuplicates(context, drafts)]);
}

/** Reads written notes back. A note whose content in Anki differs becomes unverified. */
async function verify(context: Context, drafts: readonly Draft[]): Promise<void> {
  const written = drafts.filter(({ outcome }) => outcome === 'created' || outcome === 'updated');
  const ids = written.flatMap(({ id }) => id ?? []);
  if (ids.length === 0) return;
  const found = await readWritten(context, ids).catch((error: unknown) => messageOf(error));
  for (const draft of written) {
    if (typeof found === 'string') {
      draft.settle('unverified', `It was ${draft.outcome}, but could not be read back: ${found}`);
      continue;
    }
    const { notes, inBrowser } = found;
    const note = notes.get(draft.id ?? 0);
    if (!note) {
      draft.settle(
        'unverified',
        `It was ${draft.outcome}, but Anki does not return it: the note was deleted or has no cards.`,
      );
      continue;
    }
    draft.saved = note;
    const fields = differingFields(note, draft.withMedia());
    const differing = [...fields, ...(draft.tags && !sameTags(draft.tags, note.tags) ? ['the tags'] : [])];
    if (differing.length === 0) continue;
    const advice = adviceFor(context, inBrowser.has(note.noteId));
    draft.settle(
      'unverified',
      `Anki accepted it, but has other content in ${differing.join(', ')}. ${advice}`,
    );
  }
}

interface Written {
  readonly notes: ReadonlyMap<number, Note>;
  /** The notes that are selected in Anki's browser, whose editor may write its own copy back. */
  readonly inBrowser: ReadonlySet<number>;
}

/** Reads notes, and those in Anki's browser again after the browser has saved. */
async function readWritten(context: Context, ids: readonly number[]): Promise<Written> {
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

function adviceFor({ backend }: Context, isInBrowser: boolean): string {
  if (isInBrowser) {
    return "Anki's browser shows the note and wrote its own copy back: ask the user to close the browser, then save again.";
  }
  return backend.capabilities.hasWindows
    ? "If the note is open in Anki's editor, that window wrote its own copy back: ask the user to close it, then save again."
    : 'Read the note with notesInfo.';
}
