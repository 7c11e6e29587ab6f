import type { InstallOptions } from './process/install.ts';
import type { SyncOptions } from './session/account.ts';

/** Settings of the engine backend, from the command line. */
export interface EngineOptions extends InstallOptions {
  /** Path of the collection file. It is created if it does not exist, except with `mustExist`. */
  readonly collection: string;
  readonly mustExist?: boolean | undefined;
  /** Profile name; by default the name of the collection's folder. */
  readonly profile?: string | undefined;
  /** Milliseconds without a call after which the collection is closed, so that the desktop can open it. */
  readonly idleMs?: number | undefined;
  /** The same while there is something to undo: closing the collection empties the undo list. */
  readonly undoIdleMs?: number | undefined;
  /** Called after the collection was opened, with true, and when it is about to be closed, with false. */
  readonly onOpen?: ((isOpen: boolean) => void) | undefined;
  /** Advice for the error when another program has the collection open. */
  readonly whenInUse?: string | undefined;
  /** Deletes the folder of the collection when the engine is closed. */
  readonly isTemporary?: boolean | undefined;
  /** Account for the action sync. */
  readonly sync?: SyncOptions | undefined;
  /** True if guiImportFile imports at once (text files only with a complete header); otherwise it waits for a click on Import, as the desktop does. */
  readonly importsAtOnce?: boolean | undefined;
}
