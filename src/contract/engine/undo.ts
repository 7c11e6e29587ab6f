export type UndoStatus = Readonly<{
  /** Names of the steps that can be undone and redone next; '' if there is none. */
  undo: string;
  redo: string;
  /** Identifies the step that can be undone next, or the one that is being made; '' if it is not known. */
  step: string;
}>;

/** The step that is meant. A step that was undone and redone is still the same. */
export type ExpectedStep = Readonly<{ name?: string | undefined; step?: string | undefined }>;

export type Undone = UndoStatus &
  Readonly<{
    /** Names of the steps that were undone or redone, in this order. Fewer than asked for if there were no more; none if the first is not the expected one. */
    steps: readonly string[];
  }>;

/** Anki's undo list: up to 30 steps, emptied when the collection is closed. */
export interface UndoOperations {
  undoStatus(params: object): UndoStatus;
  undo(params: { readonly steps: number; readonly expect?: ExpectedStep }): Undone;
  redo(params: { readonly steps: number; readonly expect?: Pick<ExpectedStep, 'name'> }): Undone;
}

/** Why there may be nothing to undo. */
export const whyUndoIsEmpty =
  'Anki keeps its undo list only while the collection is open; a sync, a database check or some changes of note types and deck options empty it.';
