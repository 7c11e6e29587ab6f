import type { DatabaseCheck } from '../../../contract/engine/care.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { countOf } from '../../../lib/wording.ts';
import type { Risk } from '../../safeguards/rule.ts';
import { everything } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { reportOf } from '../insights/database.ts';

/** Repairs what Anki's database check finds, after confirmation and a backup. Changes nothing if it finds nothing. */
export async function repair(context: Context) {
  if (!context.backend.operate) {
    throw new AnkiRefused(
      'Nothing was changed. In Anki, Tools > Check Database repairs the collection and shows a report, which Anki-Connect does not return. Make a backup first (File > Create Backup). The action guiCheckDatabase starts the check.',
    );
  }
  const expected = await context.operate('checkDatabase', {});
  if (expected.problems.length === 0) {
    return { ...reportOf(expected), outcome: 'Anki found no problems. Nothing was changed.' };
  }
  await context.approve({ actions: ['backups'], assess: async () => risksOf(expected) });
  const done = await context.operate('repairDatabase', {});
  return {
    ...reportOf(done),
    outcome: `Repaired. ${done.fullSync ? fullSyncDue : 'The next sync is an ordinary one.'}`,
  };
}

const fullSyncDue =
  'Anki makes the next sync a full one, in which this side should replace the server (upload).';

/** Contains no risk of the kind fullSync, which would sync first: a damaged collection may not be able to sync. */
function risksOf({ problems, lost, fullSync }: DatabaseCheck): readonly Risk[] {
  const deleted = `${countOf(lost.notes, 'note')} and ${countOf(lost.cards, 'card')} are deleted`;
  const sync = fullSync ? '; the next sync must be a full one' : '';
  const describe = () =>
    `Repair the database of this collection as Anki's check does (${deleted}${sync}): ${echo(problems.join(' ')).replace(/\.$/, '')}`;
  return [{ kind: 'deletes', of: ['database'], searches: [everything], describe }];
}
