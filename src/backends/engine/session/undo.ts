import type { Session } from './session.ts';
import type { Reverted } from './undo-steps.ts';

/** Undoes the last step and refreshes the windows. Returns it. Throws EngineError if there is none. */
export async function undoStep(session: Session): Promise<Reverted['step']> {
  return refreshed(session, await session.undoSteps.undo());
}

/** Redoes the step that was undone last, likewise. */
export async function redoStep(session: Session): Promise<Reverted['step']> {
  return refreshed(session, await session.undoSteps.redo());
}

async function refreshed(session: Session, { changes, step }: Reverted): Promise<Reverted['step']> {
  if (changes?.notetype) session.noteTypes.clear();
  await session.reviewer.undone(session, changes);
  return step;
}
