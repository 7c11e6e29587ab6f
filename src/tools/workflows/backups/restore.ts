import { AnkiRefused } from '../../../contract/errors.ts';
import type { Backup } from '../../safeguards/backup-folder.ts';
import { countOf } from '../../../lib/wording.ts';
import { find, withIds } from '../../search-ids.ts';
import { everything, inDecks } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { countLater, laterReviews, type LaterReviews } from './later-reviews.ts';
import { restoreDecks } from './restore-decks.ts';
import { restoreNoteTypes } from './restore-note-types.ts';

export interface Wanted {
  readonly backup: Backup;
  readonly notes: readonly number[] | undefined;
  readonly whole: boolean;
}

/** Maximum number of ids to list in a result. */
const maxListed = 100;

const reviewsStay = 'Reviews made since then stay in the review log.';
const fullSync =
  'The collection was replaced: its next sync must be a full sync, in which this side should replace the server (upload).';
const onDesktop =
  'Anki-Connect cannot restore: deck options that were changed but not removed, deck descriptions, empty decks.';

/** Asks the user, makes a backup, restores, and reads back the outcome. */
export async function restore(context: Context, wanted: Wanted) {
  const { backend } = context;
  const { backup, whole } = wanted;
  const ids = whole ? await allNotes(context, backup) : (wanted.notes ?? affectedNotes(backup));
  const isExact = wanted.notes === undefined;
  const searches = ids ? withIds('nid:', ids) : [everything];
  const before = new Set(await find(context, 'findNotes', searches));
  // A restore of notes keeps the review log: only for the whole collection does the question count what is lost.
  const countLost = async () => (ids ? undefined : laterOf(context, backup, searches));
  const lost = await countLost();
  await context.approve({
    actions: ['backups'],
    assess: async () => [
      {
        kind: 'deletes',
        of: [backup.name],
        searches: await searchesOf(context, backup, ids, whole),
        describe: async () => consequenceOf(wanted, ids, context, await countLost()),
      },
    ],
    restore: { backup: backup.name, notes: whole ? undefined : ids },
  });
  const unknown = backend.capabilities.hasBackup
    ? await backend.restore?.(backup.path, ids && { ids, exact: isExact })
    : await restoreDecks(context, backup, ids ?? [], isExact);
  if (!unknown) throw new AnkiRefused('Nothing was restored: this backend restores no backups.');
  if (isExact && ids) await restoreNoteTypes(context, backup, ids);

  const after = new Set(await find(context, 'findNotes', searches));
  const missing = isExact ? [] : unknown;
  const unknownIds = new Set(missing);
  for (const id of missing) after.delete(id);
  return {
    backup: backup.name,
    restored: after.size,
    deleted: [...before].filter((id) => !after.has(id) && !unknownIds.has(id)).length,
    ...(missing.length > 0 && { missing: missing.slice(0, maxListed) }),
    warnings: [
      ...(ids ? staying(await laterOf(context, backup, searches)) : [fullSync, ...lostWith(lost)]),
      ...(missing.length > 0
        ? [`The backup does not contain ${countOf(missing.length, 'note')}, which stayed as before.`]
        : []),
    ],
  };
}

/** Counts what the review log got since the backup, about the cards of these searches. Undefined if its time is not known. */
async function laterOf(
  context: Context,
  { description }: Backup,
  searches: readonly string[],
): Promise<LaterReviews | undefined> {
  if (!description) return undefined;
  return laterReviews(context, description.made, new Set(await find(context, 'findCards', searches)));
}

/** Says what of the review log does not fit the restored schedule. */
function staying(later: LaterReviews | undefined): readonly string[] {
  if (!later) return [reviewsStay];
  const count = countLater(later);
  return count === undefined
    ? []
    : [
        `The schedule is that of the backup. The review log keeps ${count} of these cards since then, which statistics and FSRS count.`,
      ];
}

/** Says what the restored collection lacks. */
const lostWith = (later: LaterReviews | undefined): readonly string[] => {
  const count = later && countLater(later);
  return count === undefined
    ? []
    : [`${count} since the backup are lost. The backup made just before has them.`];
};

/** Returns the notes that the operations after the backup affected. */
function affectedNotes({ name, description }: Backup): readonly number[] {
  const lists = description?.operations.map(({ notes }) => notes) ?? [undefined];
  const ids = [...new Set(lists.flatMap((notes) => notes ?? []))];
  if (lists.includes(undefined) || ids.length === 0) {
    throw new AnkiRefused(
      `Nothing was changed: ${name} does not list the notes that were affected after it, for example because an import may affect all. Pass notes, or whole: true.`,
    );
  }
  return ids;
}

/** Returns the notes that a complete restore changes: all, or those in the exported decks now or at the backup. */
async function allNotes(context: Context, { description }: Backup): Promise<readonly number[] | undefined> {
  if (context.backend.capabilities.hasBackup) return undefined;
  const decks = await decksOf(context, description);
  return [...new Set([...(await find(context, 'findNotes', decks)), ...(description?.noteIds ?? [])])];
}

/** Returns searches that find everything that the restore may overwrite. */
async function searchesOf(
  context: Context,
  { description }: Backup,
  ids: readonly number[] | undefined,
  whole: boolean,
): Promise<string[]> {
  if (!ids) return [everything];
  const decks = whole || !description?.allDecks ? await decksOf(context, description) : [];
  return [...withIds('nid:', ids), ...decks];
}

/** Returns searches that find what is now in the exported decks. */
async function decksOf({ call }: Context, description: Backup['description']): Promise<readonly string[]> {
  if (description?.allDecks) return [everything];
  return description?.decks ? [inDecks(description.decks, await call('deckNamesAndIds', {}))] : [];
}

function consequenceOf(
  { backup, notes, whole }: Wanted,
  ids: readonly number[] | undefined,
  { backend }: Context,
  later: LaterReviews | undefined,
): string {
  const made = backup.description?.made ?? backup.name;
  const isWhole = whole && backend.capabilities.hasBackup;
  const what = isWhole
    ? 'Replace the whole collection by'
    : `Restore ${countOf(ids?.length ?? 0, 'note')}${notes ? '' : whole ? ' and everything else in the decks' : ', which later calls affected,'} from`;
  const count = later && countLater(later);
  const lost = isWhole
    ? `All later changes are lost${count === undefined ? '' : `, ${count} among them`}, and the next sync must be a full sync`
    : `Later changes of these notes are lost${notes ? '' : ', and those that the backup does not contain are deleted'}. ${reviewsStay}${backend.capabilities.hasBackup ? '' : ` ${onDesktop}`}`;
  return `${what} the backup of ${made}. ${lost.replace(/\.$/, '')}`;
}
