import type { ExpectedStep, Undone, UndoOperations } from '../../../contract/engine/undo.ts';
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
    run: (session, { steps, expect }) => repeat(session, 'undo', steps, expect),
  },
  redo: {
    title: 'Redo',
    kind: 'write',
    run: (session, { steps, expect }) => repeat(session, 'redo', steps, expect),
  },
};

/** Undoes or redoes up to this many steps; none if the first one is not the expected one. */
async function repeat(
  session: Session,
  kind: 'undo' | 'redo',
  count: number,
  { name, step: id }: ExpectedStep = {},
): Promise<Undone> {
  const step = { undo: undoStep, redo: redoStep }[kind];
  const steps: string[] = [];
  let status = await session.undoSteps.status();
  if (name !== undefined && name !== status[kind]) return { steps, ...status };
  if (id !== undefined && (id === '' || id !== status.step)) return { steps, ...status };
  while (steps.length < count && status[kind] !== '') {
    steps.push((await step(session)).name);
    status = await session.undoSteps.status();
  }
  return { steps, ...status };
}
