import type { Backend } from '../../../contract/backend.ts';
import { whyUndoIsEmpty } from '../../../contract/engine/undo.ts';
import { messageOf } from '../../../lib/error.ts';
import { BackupFolder } from '../../safeguards/backup-folder.ts';
import type { Context } from '../../workflow.ts';
import { compared, withCopy } from './copies.ts';
import { summaryOf } from './difference.ts';

interface Carried {
  /** A copy of the collection as it was before. */
  readonly before: Backend;
  /** The undo step of the commit; '' if it is not known. */
  readonly step: string;
  /** When the commit began, as ISO text. */
  readonly since: string;
}

/** Undoes a commit, if it is the last step, and says what is different from before. */
export async function takeBack(context: Context, { before, step, since }: Carried): Promise<string> {
  try {
    const { steps, undo } = await context.operate('undo', { steps: 1, expect: { step } });
    const { difference } = await withCopy(context.backend, (now) => compared(before, now));
    const isUndone = steps.length > 0;
    const outcome = isUndone ? `It was undone (${steps.join()}).` : whyNotUndone(undo);
    if (Object.keys(difference).length === 0) return isUndone ? outcome : 'Nothing was changed.';
    return `${outcome} Compared with the state before the commit, the collection now has: ${summaryOf(difference)}. ${await backupOf(context, since)}`;
  } catch (error) {
    context.signal?.throwIfAborted();
    return `How much of it is carried out is not known (${messageOf(error)}). To check, compare the collection with the difference of the trial. ${await backupOf(context, since)}`;
  }
}

const whyNotUndone = (undo: string): string =>
  undo === ''
    ? `Anki could not undo it. ${whyUndoIsEmpty}`
    : `It was not undone, because "${undo}" is now the last step.`;

/** Says which backup restores the state before the commit. */
async function backupOf(context: Context, since: string): Promise<string> {
  const backups = await BackupFolder.of(context)
    .then((folder) => folder.list())
    .catch(() => []);
  const backup = backups.find(
    ({ isComplete, description }) => isComplete && description?.operations.some(({ at }) => at >= since),
  );
  return backup
    ? `The backup ${backup.name} has the state before the commit: backups with action restore, this name and whole: true restores it, and loses all later changes.`
    : 'No backup was made before the commit.';
}
