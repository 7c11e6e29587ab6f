import type { RpcResponse } from '../process/rpc.ts';
import type { Session } from './session.ts';

/** Undoes the last step and refreshes the windows. Returns its name. Throws EngineError if there is none. */
export async function undoStep(session: Session): Promise<string> {
  return refreshed(session, await session.undoSteps.undo());
}

/** Redoes the step that was undone last, likewise. */
export async function redoStep(session: Session): Promise<string> {
  return refreshed(session, await session.undoSteps.redo());
}

async function refreshed(
  session: Session,
  { changes, name }: { changes: RpcResponse<'undo'>['changes']; name: string },
): Promise<string> {
  if (changes?.notetype) session.noteTypes.clear();
  await session.reviewer.undone(session, changes);
  return name;
}
