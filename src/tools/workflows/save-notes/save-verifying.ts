import { messageOf } from '../../../lib/error.ts';
import { differingFields, sameTags } from '../../stored-form.ts';
import type { Context } from '../../workflow.ts';
import { adviceFor, readWritten } from '../written.ts';
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
