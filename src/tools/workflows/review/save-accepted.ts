import { messageOf } from '../../../lib/error.ts';
import type { Context } from '../../workflow.ts';
import { joined } from '../../joined.ts';
import { unsettled } from '../save-notes/save-draft.ts';
import { prepare } from '../save-notes/save-media.ts';
import { countSuspended, suspendNew } from '../save-notes/save-suspending.ts';
import { confirm } from '../save-notes/save-verifying.ts';
import { checkUpdates, write } from '../save-notes/save-writing.ts';
import { checkItems, fingerprintOf, preview } from './check-items.ts';
import type { Item, Settings } from './review.ts';

/** What was saved, or the items that are no longer as the user saw them; then nothing was saved. */
export type Saving =
  | { readonly changed: readonly Item[] }
  | { readonly newDecks: readonly string[]; readonly suspended: number | undefined };

/** Saves items exactly as the user saw them, in one undo step. */
export async function saveAccepted(
  context: Context,
  settings: Settings,
  items: readonly Item[],
): Promise<Saving> {
  const groups = await checkItems(context, settings, items);
  const changed = groups.flatMap(({ items: list, drafts }) =>
    list.filter((item, index) => {
      const draft = drafts[index];
      return !draft || fingerprintOf(draft) !== item.fingerprint;
    }),
  );
  if (changed.length > 0) {
    await preview(context, groups);
    return { changed };
  }
  const drafts = groups.flatMap((group) => group.drafts);
  await checkUpdates(context, drafts);
  for (const group of groups)
    for (const [index, item] of group.items.entries()) item.draft = group.drafts[index] ?? item.draft;
  // From here on the drafts are never sent again, so an error is the outcome of those without one.
  await context
    .asOneStep(async (writing) => {
      for (const group of groups) {
        await prepare(writing, group.drafts, group.newDecks, group.uploads);
        await write(writing, group.drafts, group.allowDuplicate, settings.duplicateScope);
      }
      if (settings.suspend) await suspendNew(writing, drafts);
    })
    .catch((error: unknown) => {
      for (const draft of unsettled(drafts)) draft.settle('unknown', `${maybeSaved} ${messageOf(error)}`);
    });
  const reading = joined(context);
  const [suspended] = await Promise.all([
    settings.suspend ? countSuspended(reading, drafts) : undefined,
    confirm(reading, drafts),
  ]);
  return { newDecks: [...new Set(groups.flatMap(({ newDecks }) => newDecks))], suspended };
}

const maybeSaved =
  'It is unknown whether the note was saved. Look for it in Anki before you save it again. The error was:';
