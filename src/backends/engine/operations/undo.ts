import type { Undone, UndoOperations } from '../../../contract/engine/undo.ts';
import { redoStep, undoStep } from '../session/undo.ts';
import type { Session } from '../session/session.ts';
import type { Operations } from './operation.ts';

export const undo: Operations<keyof UndoOperations> = {
  undoStatus: {
    title: 'Undo status',
    kind: 'read',
    run: ({ undoSteps }) => undoSteps.status(),
  },
  undo: {
    title: 'Undo',
    kind: 'write',
    run: (session, { steps }) => repeat(session, 'undo', steps),
  },
  redo: {
    title: 'Redo',
    kind: 'write',
    run: (session, { steps }) => repeat(session, 'redo', steps),
  },
};

/** Undoes or redoes up to this many steps. */
async function repeat(session: Session, kind: 'undo' | 'redo', count: number): Promise<Undone> {
  const step = { undo: undoStep, redo: redoStep }[kind];
  const steps: string[] = [];
  let status = await session.undoSteps.status();
  while (steps.length < count && status[kind] !== '') {
    steps.push(await step(session));
    status = await session.undoSteps.status();
  }
  return { steps, ...status };
}
