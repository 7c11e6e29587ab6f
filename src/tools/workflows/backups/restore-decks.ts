import { AnkiRefused, OutcomeUnknown } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import type { Backup } from '../../safeguards/backup-folder.ts';
import { find, withIds } from '../../search-ids.ts';
import type { Context } from '../../workflow.ts';

/** The group that Anki assigns to the decks of a removed group. */
const defaultGroup = 1;

/**
 * Restores notes from exported decks. An import changes no existing note or card, so the notes are deleted before.
 * Other notes of the decks that were deleted since the backup are imported too, and deleted again. Returns the ids
 * that the decks do not contain; they are deleted only if the restore is exact.
 */
export async function restoreDecks(
  context: Context,
  { files, path, description }: Backup,
  ids: readonly number[],
  isExact: boolean,
): Promise<readonly number[]> {
  if (!description) {
    throw new AnkiRefused(
      `Nothing was changed: it is unknown which notes ${path} contains. Import it with importPackage.`,
    );
  }
  const { call } = context;
  const wanted = new Set(ids);
  const contained = new Set(description.noteIds);
  const others = [...contained].filter((id) => !wanted.has(id));
  const existingOthers = new Set(await find(context, 'findNotes', withIds('nid:', others)));
  try {
    await call('deleteNotes', { notes: ids.filter((id) => isExact || contained.has(id)) });
    for (const file of files) await call('importPackage', { path: file });
    const superfluous = others.filter((id) => !existingOthers.has(id));
    if (superfluous.length > 0) await call('deleteNotes', { notes: superfluous });
    if (isExact) await restoreOptionsGroups(context, description.options ?? {});
  } catch (error) {
    const outcome =
      error instanceof OutcomeUnknown ? 'The outcome is unknown' : 'The restore stopped halfway';
    throw new AnkiRefused(
      `${outcome}: notes may have been deleted and not imported yet. Restore the same backup again, or import ${path} in Anki. ${messageOf(error)}`,
    );
  }
  return ids.filter((id) => !contained.has(id));
}

/** Assigns removed options groups, which the import has restored, to their decks again. */
async function restoreOptionsGroups(
  { call }: Context,
  saved: Readonly<Record<string, number>>,
): Promise<void> {
  const existing = new Set(await call('deckNames', {}));
  for (const [deck, configId] of Object.entries(saved)) {
    if (!existing.has(deck) || configId === defaultGroup) continue;
    const group = await call('getDeckConfig', { deck });
    if (group !== false && group.id === defaultGroup)
      await call('setDeckConfigId', { decks: [deck], configId });
  }
}
