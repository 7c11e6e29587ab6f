import { stat } from 'node:fs/promises';
import type { Backend, CallOptions } from '../../contract/backend.ts';
import { isLoopback } from '../../lib/loopback.ts';

/** The computer that Anki or its engine runs on. */
export interface AnkiMachine {
  /** True if this process sees the same files. */
  readonly isHere: boolean;
  /** Path of the media folder, on that computer. */
  readonly mediaFolder: string;
  /** Path of the collection file, if the backend works on a file. */
  readonly collection: string | undefined;
}

/** Finds out where Anki runs. A forwarded port looks local, but then its media folder does not exist here. */
export async function ankiMachine(backend: Backend, options: CallOptions): Promise<AnkiMachine> {
  const mediaFolder = await backend.call('getMediaDirPath', {}, options);
  if (backend.kind === 'engine') return { isHere: true, mediaFolder, collection: backend.place };
  const isHere =
    isLoopback(new URL(backend.place).hostname) &&
    (await stat(mediaFolder).then(
      (found) => found.isDirectory(),
      () => false,
    ));
  return { isHere, mediaFolder, collection: undefined };
}
