import { setTimeout as after } from 'node:timers/promises';
import type { Context } from './workflow.ts';

/** Milliseconds after which the editor in Anki's browser has saved what it shows. */
const browserSaveMs = 700;

/** Returns those of the notes that are selected in Anki's browser. Its editor may write its own copy of them back. */
export async function notesInBrowser(
  { backend, call }: Pick<Context, 'backend' | 'call'>,
  ids: readonly number[],
): Promise<number[]> {
  if (!backend.capabilities.hasWindows) return [];
  const selected = new Set(await call('guiSelectedNotes', {}));
  return [...new Set(ids)].filter((id) => selected.has(id));
}

/** Waits until the editor in Anki's browser has saved. */
export const browserSaves = (): Promise<void> => after(browserSaveMs);
