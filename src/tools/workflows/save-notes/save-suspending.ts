import { messageOf } from '../../../lib/error.ts';
import type { Context } from '../../workflow.ts';
import type { Draft } from './save-draft.ts';

const cardsOfNew = (drafts: readonly Draft[]): string | undefined => {
  const ids = drafts.flatMap(({ outcome, id }) => (outcome === 'created' && id !== undefined ? [id] : []));
  return ids.length > 0 ? `nid:${ids.join(',')}` : undefined;
};

/** Suspends the cards of the created notes. A failure is a warning: the notes are saved. */
export async function suspendNew({ call }: Context, drafts: readonly Draft[]): Promise<void> {
  const query = cardsOfNew(drafts);
  if (query === undefined) return;
  try {
    await call('suspend', { cards: await call('findCards', { query }) });
  } catch (error) {
    for (const draft of drafts.filter(({ outcome }) => outcome === 'created'))
      draft.warnings.push(`its cards may not be suspended: ${messageOf(error)}`);
  }
}

/** Returns how many cards of the created notes are suspended, or undefined if Anki did not reply. */
export async function countSuspended(
  { call }: Context,
  drafts: readonly Draft[],
): Promise<number | undefined> {
  const query = cardsOfNew(drafts);
  if (query === undefined) return 0;
  const found = await call('findCards', { query: `${query} is:suspended` }).catch(() => undefined);
  return found?.length;
}
