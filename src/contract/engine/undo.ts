/** Names of the steps that can be undone and redone next; '' if there is none. */
export type UndoStatus = Readonly<{ undo: string; redo: string }>;

export type Undone = UndoStatus &
  Readonly<{
    /** Names of the steps that were undone or redone, in this order. Fewer than asked for if there were no more. */
    steps: readonly string[];
  }>;

/** Anki's undo list: up to 30 steps, emptied when the collection is closed. */
export interface UndoOperations {
  undoStatus(params: object): UndoStatus;
  undo(params: { readonly steps: number }): Undone;
  redo(params: { readonly steps: number }): Undone;
}

/** Why there may be nothing to undo. */
export const whyUndoIsEmpty =
  'Anki keeps its undo list only while the collection is open; a sync, a database check or some changes of note types and deck options empty it.';
