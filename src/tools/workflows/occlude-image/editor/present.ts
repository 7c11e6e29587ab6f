import { valuesOf, type Note } from '../../../reading.ts';
import type { Context } from '../../../workflow.ts';
import { modeOf } from '../field.ts';
import { cardsOf, readOcclusion } from '../note.ts';
import { storedPicture } from '../picture.ts';
import { requireOnlyShapes } from '../plan.ts';
import { restart, type Editor } from './editor.ts';

/** Shows the note as it is now, if it has changed since the user saw it. Returns what the user should know. */
export async function restartIfChanged(context: Context, editor: Editor): Promise<string | undefined> {
  const { target } = editor;
  const { picture } = target;
  if (picture && !picture.isNew) {
    const { bytes } = await storedPicture(context, picture.filename);
    if (!bytes.equals(picture.bytes))
      return 'Nothing was saved: the picture has changed in the media folder. Cancel, and ask for a new editor in the chat.';
  }
  if (!('existing' in target)) return undefined;
  const existing = await readOcclusion(context, target.existing.note.noteId);
  if (contentOf(existing.note) === contentOf(target.existing.note)) {
    editor.target = { ...target, existing };
    return undefined;
  }
  requireOnlyShapes(existing);
  restart(editor, {
    target: { ...target, existing },
    shapes: existing.shapes,
    hideOne: modeOf(existing.shapes) === 'hideOne',
    groups: [...(await cardsOf(context, existing.note.noteId)).keys()],
  });
  return 'Nothing was saved: the note has changed in Anki. These are its present masks; Undo brings yours back.';
}

const contentOf = (note: Note): string => JSON.stringify([valuesOf(note), note.tags.toSorted()]);
