import type { CallOptions } from '../../../contract/backend.ts';
import type { OperationName, OperationParams, OperationResult } from '../../../contract/engine/index.ts';
import { withProgress } from '../process/progress.ts';
import type { Session } from '../session/session.ts';

/** An operation of the engine that Anki-Connect does not have. The parameters are checked by the caller. */
export interface Operation<N extends OperationName> {
  /** Names the undo step, and the operation in error messages. */
  readonly title: string;
  /** `step`: changes the collection in one undo step. `write`: changes it and handles the undo list itself. */
  readonly kind: 'read' | 'step' | 'write';
  /** True if it takes long: reports progress and can be cancelled. */
  readonly slow?: true;
  readonly run: (
    session: Session,
    params: OperationParams<N>,
    options: CallOptions,
  ) => Promise<OperationResult<N>>;
}

/** Operations by name. */
export type Operations<Names extends OperationName> = { readonly [N in Names]: Operation<N> };

/** Runs an operation on an open collection. */
export async function runOperation<N extends OperationName>(
  { kind, title, slow, run }: Operation<N>,
  session: Session,
  params: OperationParams<N>,
  options: CallOptions,
): Promise<OperationResult<N>> {
  const work = async () => run(session, params, options);
  const runSlowly = () => (slow ? withProgress(session, title, options, work) : work());
  if (kind === 'read') return session.asRead(runSlowly);
  session.beforeWrite();
  if (kind === 'write') return runSlowly();
  return session.undoSteps.action(title, options.report, () => session.asOneStep(runSlowly));
}
