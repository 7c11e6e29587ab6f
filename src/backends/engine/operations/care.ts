import { readdir, writeFile } from 'node:fs/promises';
import type { CareOperations } from '../../../contract/engine/care.ts';
import { withCopyOpen } from '../session/copy.ts';
import type { Operations } from './operation.ts';

export const care: Operations<keyof CareOperations> = {
  emptyCards: {
    title: 'Empty cards',
    kind: 'read',
    run: async (session) => {
      const { notes } = await session.call('get_empty_cards', {});
      return notes
        .map(({ noteId, cardIds, willDeleteNote }) => ({
          note: Number(noteId),
          cards: cardIds.map(Number),
          isWhole: willDeleteNote,
        }))
        .toSorted((a, b) => a.note - b.note);
    },
  },
  checkMedia: {
    title: 'Check media',
    kind: 'read',
    // The check empties the undo list and may rename files: the copy has a small file for each media file.
    run: (session) =>
      withCopyOpen(session, async (copy) => {
        for (const name of await filesIn(session.place.media)) await writeFile(copy.mediaFile(name), 'x');
        const { unused, missing } = await copy.call('check_media', {});
        return { unused, missing };
      }),
  },
};

/** Returns the names of the files in a folder, without its folders. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : []));
}
