import { echo } from '../../lib/cut.ts';
import { rename, rm, lstat } from 'node:fs/promises';
import type { Backend, CallOptions } from '../../contract/backend.ts';
import { OutcomeUnknown } from '../../contract/errors.ts';
import { codeOf, messageOf } from '../../lib/error.ts';
import { inDecks } from '../search-terms.ts';
import { formatSize } from '../size.ts';
import type { DeckExport } from './call-files.ts';
import { contentOf, type Content } from './content.ts';

/** Runs a call that exports decks, then renames the complete files and reports what is in them. */
export async function withExports<T>(
  exported: readonly DeckExport[],
  backend: Backend,
  options: CallOptions,
  run: () => Promise<T>,
): Promise<T> {
  if (exported.length === 0) return run();
  const decks = await backend.call('deckNamesAndIds', {}, options);
  const contents = () =>
    Promise.all(exported.map(({ deck }) => contentOf(backend, inDecks([deck], decks), options)));
  const before = await contents();
  let response: T;
  try {
    response = await run();
  } catch (error) {
    throw await cleanedUp(exported, error);
  }
  const after = await contents();
  for (const [index, each] of exported.entries()) {
    // Other calls of the batch may have changed the deck before or after its export.
    const content = before[index] === after[index] ? after[index] : undefined;
    options.report?.(await finish(each, content, response));
  }
  return response;
}

async function finish(
  { path, written, replaces, deck }: DeckExport,
  content: Content,
  response: unknown,
): Promise<string> {
  const what = content === undefined ? `the deck ${deck}` : content;
  if (replaces === 'unknown') {
    return response === false
      ? `Nothing was written to ${path}: there is no deck ${echo(deck)}.`
      : `Anki was asked to write ${what} to ${path} on its own computer, where the file cannot be checked.`;
  }
  const file = await lstat(written).catch(() => undefined);
  if (!file) {
    const elsewhere = `Anki reports success, so it may run on another computer and have written ${written} there.`;
    return response === true
      ? `Nothing was written to ${path}. ${elsewhere}`
      : `Nothing was written to ${path}${response === false ? `: there is no deck ${echo(deck)}` : ''}.`;
  }
  try {
    const existing = replaces === undefined && (await lstat(path).catch(() => undefined));
    if (existing) throw new Error('a file of that name was made meanwhile');
    await rename(written, path);
  } catch (error) {
    throw new Error(
      `Anki carried out the call, but the export could not be renamed to ${path} (${codeOf(error) || messageOf(error)}). It is in ${written}.`,
      { cause: error },
    );
  }
  return `Exported ${what} to ${path} (${formatSize(file.size)}).`;
}

/** Removes what a failed export left behind. While Anki may still be writing, the error names the file instead. */
async function cleanedUp(exported: readonly DeckExport[], error: unknown): Promise<unknown> {
  if (error instanceof OutcomeUnknown) {
    const places = exported.map(({ path, written }) => `${written} (for ${path})`).join(', ');
    return new OutcomeUnknown(
      `${error.message} Anki may still complete the export; it writes ${places}. Files that existed before are unchanged.`,
      { cause: error },
    );
  }
  for (const { written, replaces } of exported)
    if (replaces !== 'unknown') await rm(written, { force: true }).catch(() => {});
  return error;
}
