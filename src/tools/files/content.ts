import type { Backend, CallOptions } from '../../contract/backend.ts';
import { countOf } from '../../lib/wording.ts';

/** "12 notes with 15 cards", or undefined if Anki could not count them. */
export type Content = string | undefined;

/** Counts the notes and cards that a search finds. */
export async function contentOf(backend: Backend, query: string, { signal }: CallOptions): Promise<Content> {
  const options = signal && { signal };
  try {
    const [notes, cards] = await Promise.all([
      backend.call('findNotes', { query }, options),
      backend.call('findCards', { query }, options),
    ]);
    return `${countOf(notes.length, 'note')} with ${countOf(cards.length, 'card')}`;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
