import { opendir, writeFile } from 'node:fs/promises';
import type { CareOperations, DatabaseCheck } from '../../../contract/engine/care.ts';
import { plain, withProgress } from '../process/progress.ts';
import type { Collection } from '../session/collection.ts';
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
    run: async (session, { maxFiles }, { signal }) => {
      const names = await filesIn(session.place.media, maxFiles);
      if (!names) return null;
      // The check empties the undo list and may rename files: the copy has a file of one byte for each media file.
      return withCopyOpen(session, async (copy) => {
        for (const name of names) {
          signal?.throwIfAborted();
          await writeFile(copy.mediaFile(name), 'x');
        }
        const { unused, missing } = await copy.call('check_media', {});
        return { unused, missing };
      });
    },
  },
  checkDatabase: {
    title: 'Check database',
    kind: 'read',
    run: (session, _, options) =>
      withCopyOpen(session, (copy) => withProgress(copy, 'The check', options, () => check(copy))),
  },
  repairDatabase: {
    title: 'Check database',
    kind: 'write',
    slow: true,
    run: (session, _, { report }) =>
      session.undoSteps.action('Check database', report, async () => {
        try {
          return await check(session);
        } finally {
          await session.reset();
        }
      }),
  },
};

/** Returns the names of the files in a folder, without its folders; undefined if there are more. */
async function filesIn(folder: string, maxFiles: number): Promise<string[] | undefined> {
  const names: string[] = [];
  for await (const entry of await opendir(folder)) {
    if (!entry.isFile()) continue;
    if (names.length === maxFiles) return undefined;
    names.push(entry.name);
  }
  return names;
}

/** Runs Anki's database check, which repairs what it finds. */
async function check(collection: Collection): Promise<DatabaseCheck> {
  const before = await rowsOf(collection);
  const { problems } = await collection.call('check_database', {});
  const after = await rowsOf(collection);
  return {
    problems: problems.map(plain),
    lost: {
      notes: before.notes - after.notes,
      cards: before.cards - after.cards,
      reviews: before.reviews - after.reviews,
    },
    fullSync: after.schema !== before.schema,
  };
}

async function rowsOf({ query }: Collection) {
  const [row = []] = await query(
    'select (select count() from notes), (select count() from cards), (select count() from revlog), scm from col',
  );
  const [notes = 0, cards = 0, reviews = 0, schema = 0] = row.map(Number);
  return { notes, cards, reviews, schema };
}
