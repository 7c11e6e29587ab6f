import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { ids } from '../../../contract/schemas.ts';
import { BackupFolder, type Backup } from '../../safeguards/backup-folder.ts';
import { countOf, shorten } from '../../../lib/wording.ts';
import { workflow, type Context } from '../../workflow.ts';
import { repair } from './repair.ts';
import { restore } from './restore.ts';

/** Maximum number of operations to list for each backup. */
const maxOperations = 5;

export const backups = workflow({
  title: 'Backups',
  description:
    'Lists the backups made before destructive calls, newest first, or restores one after the user confirms: the notes that those calls affected, the passed notes, or all. repair: Check Database. A backup is made before.',
  annotations: overwrites,
  input: z.strictObject({
    action: z.enum(['list', 'restore', 'repair']),
    backup: z.string().optional().describe('Name from list; default the newest'),
    notes: ids.min(1).optional().describe('Restore only these'),
    whole: z.boolean().optional().describe('Restore everything; later changes are lost'),
  }),
  output: z.looseObject({
    backups: z.array(z.record(z.string(), z.unknown())).optional(),
    restored: z.int().optional().describe('Notes'),
    deleted: z.int().optional().describe('Notes'),
    missing: z.array(z.int()).optional(),
    problems: z.int().optional().describe('Repaired'),
    report: z.array(z.string()).optional().describe("Anki's"),
    warnings: z.array(z.string()).optional(),
  }),
  async run(context, { action, backup: name, notes, whole = false }) {
    if (action === 'repair') return { result: await repair(context) };
    const found = await (await BackupFolder.of(context)).list();
    if (action === 'list') return { result: { backups: found.map((backup) => summaryOf(backup)) } };
    if (whole && notes) throw new AnkiRefused('Pass notes or whole, not both. Nothing was changed.');
    return { result: await restore(context, { backup: chosen(found, name, context), notes, whole }) };
  },
});

/** Returns the named or the newest backup. Throws if it cannot be restored. */
function chosen(found: readonly Backup[], name: string | undefined, { backend }: Context): Backup {
  const backup =
    name === undefined ? found.find(({ isComplete }) => isComplete) : found.find((one) => one.name === name);
  if (!backup) {
    const names = found.map((one) => one.name).join(', ');
    throw new AnkiRefused(
      `Nothing was changed: there is no backup${name === undefined ? '' : ` ${shorten(name)}`} of this collection. ${names ? `The backups are: ${names}.` : 'Backups are made before destructive calls, unless the server runs with --backup never.'}`,
    );
  }
  if (!backup.isComplete) {
    throw new AnkiRefused(
      `Nothing was changed: the backup ${backup.path} is incomplete. Choose another one.`,
    );
  }
  const isWhole = backup.path.endsWith('.colpkg');
  if (isWhole !== backend.capabilities.hasBackup) {
    throw new AnkiRefused(
      isWhole
        ? `Nothing was changed: ${backup.path} contains the whole collection, which the running Anki restores with File > Switch Profile > Open Backup. Or close Anki and use this tool with --collection or --profile.`
        : `Nothing was changed: ${backup.path} contains exported decks. Import it with importPackage, or open Anki and use this tool there.`,
    );
  }
  return backup;
}

function summaryOf({ name, path, bytes, description, isComplete }: Backup) {
  const operations = description?.operations ?? [];
  return {
    name,
    path,
    bytes,
    ...(description && {
      made: description.made,
      contains: `${description.decks ? `decks ${description.decks.map((deck) => shorten(deck)).join(', ')}` : 'the whole collection'}: ${countOf(description.notes, 'note')}, ${countOf(description.cards, 'card')}`,
      before: operations.slice(0, maxOperations).map(({ at, reason, notes }) => ({
        at,
        what: reason,
        ...(notes && { notes: notes.length }),
      })),
      ...(operations.length > maxOperations && { more: operations.length - maxOperations }),
    }),
    ...(!isComplete && { problem: 'Incomplete: it cannot be restored.' }),
  };
}
