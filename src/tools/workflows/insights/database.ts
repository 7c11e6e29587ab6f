import type { DatabaseCheck } from '../../../contract/engine/care.ts';
import { echo } from '../../../lib/cut.ts';
import type { JsonObject } from '../../../lib/json.ts';
import type { Facts, Insight } from './facts.ts';

/** Returns what Anki's database check would repair, found on a copy of the collection. */
export async function database({ context }: Facts): Promise<Insight> {
  if (!context.backend.operate) {
    return {
      summary:
        'Not checked: Anki-Connect cannot check without repairing, and returns no report. In Anki, Tools > Check Database does both and shows the report; the action guiCheckDatabase starts the check.',
    };
  }
  const found = await context.operate('checkDatabase', {});
  return {
    ...reportOf(found),
    note: "Found by Anki's database check on a copy: nothing was changed.",
    ...(found.problems.length > 0 && {
      advice: 'backups with action repair makes a backup and repairs this, after the user confirms.',
    }),
  };
}

const maxProblems = 30;

/** Returns Anki's report of a database check, and what it means for notes, cards and the next sync. */
export function reportOf({ problems, lost, fullSync }: DatabaseCheck): JsonObject {
  return {
    problems: problems.length,
    report: problems.slice(0, maxProblems).map((problem) => echo(problem)),
    lost: { ...lost },
    fullSync,
  };
}
