import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scan } from './scan.ts';

/** Exports each deck with its schedule into a file in this folder. */
export async function exportDecks(decks: readonly string[], folder: string, { call }: Scan): Promise<void> {
  for (const [index, deck] of decks.entries()) {
    const name = deck.replaceAll(/[^\p{L}\p{N} -]+/gu, '_').slice(0, 60);
    const path = join(folder, `${index + 1} ${name}.apkg`);
    const isDone = await call('exportPackage', { deck, path, includeSched: true });
    const exists = await stat(path).then(
      () => true,
      () => false,
    );
    if (!isDone || !exists) throw new Error(`the deck ${deck} could not be exported to ${path}`);
  }
}
