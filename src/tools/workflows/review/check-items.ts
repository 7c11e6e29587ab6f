import { exactName } from '../../../lib/exact-name.ts';
import type { Context } from '../../workflow.ts';
import { joined } from '../../joined.ts';
import { check } from '../save-notes/save-checking.ts';
import type { Draft, DraftMedia } from '../save-notes/save-draft.ts';
import { identifyDuplicates, type SeenNotes } from '../save-notes/save-duplicates.ts';
import { lookUp } from '../save-notes/save-lookup.ts';
import { readUploads, type MediaUpload } from '../save-notes/save-media.ts';
import { settleDryRun } from '../save-notes/save-writing.ts';
import type { Item, Settings } from './review.ts';

/** Items that are saved in the same way, checked and not yet settled. */
export interface CheckedGroup {
  readonly items: readonly Item[];
  readonly drafts: readonly Draft[];
  readonly newDecks: readonly string[];
  readonly uploads: ReadonlyMap<DraftMedia, MediaUpload>;
  readonly allowDuplicate: boolean;
}

/** What a check needs of an item. */
type Unchecked = Pick<Item, 'note' | 'isVerbatim' | 'onDuplicate'>;

/** Checks notes against the collection, as saving does. */
export async function checkItems<I extends Unchecked>(
  context: Context,
  settings: Settings,
  items: readonly I[],
): Promise<(Omit<CheckedGroup, 'items'> & { readonly items: readonly I[] })[]> {
  const reading = joined(context);
  const seen: SeenNotes = new Map();
  const wayOf = ({ onDuplicate, isVerbatim }: I) => `${onDuplicate} ${isVerbatim}`;
  const checked = [];
  for (const way of new Set(items.map(wayOf))) {
    const group = items.filter((item) => wayOf(item) === way);
    const [first] = group;
    if (!first) continue;
    const { onDuplicate, isVerbatim } = first;
    const input = {
      ...settings,
      ...(isVerbatim && { markdown: false }),
      onDuplicate,
      isVerbatim,
      notes: group.map(({ note }) => note),
    };
    const facts = { ...(await lookUp(reading, input)), listed: undefined };
    const { drafts, newDecks } = await check(reading, input, facts, seen);
    const uploads = await readUploads(context, drafts);
    checked.push({ items: group, drafts, newDecks, uploads, allowDuplicate: onDuplicate === 'add' });
  }
  return checked;
}

/** Returns what identifies the effect of saving a draft. Call it before the draft is settled. */
export const fingerprintOf = (draft: Draft): string =>
  JSON.stringify([
    draft.outcome,
    draft.type?.name,
    draft.target?.noteId,
    draft.target ? undefined : draft.deck,
    draft.allFields,
    draft.withMedia(),
    draft.tags && [...new Set(draft.tags)].toSorted(),
    draft.existing && [draft.existing.noteId, draft.existing.fields],
  ]);

/** Gives items the outcomes that saving would have, and finds the notes that they duplicate. */
export async function preview(context: Context, groups: readonly CheckedGroup[]): Promise<void> {
  const reading = joined(context);
  for (const { items, drafts, uploads } of groups) {
    for (const [index, item] of items.entries()) {
      const draft = drafts[index];
      if (draft) take(item, draft, uploads);
    }
    settleDryRun(drafts);
    await identifyDuplicates(reading, drafts);
  }
}

/** Binds an item to a checked draft: to its texts as HTML, and to the content of its files. */
function take(item: Item, draft: Draft, uploads: CheckedGroup['uploads']): void {
  item.draft = draft;
  item.shown = undefined;
  item.fingerprint = fingerprintOf(draft);
  item.note = boundTo(item.note, draft, uploads);
  item.isVerbatim ||= Object.keys(draft.fields).length > 0;
}

function boundTo(note: Item['note'], draft: Draft, uploads: CheckedGroup['uploads']): Item['note'] {
  const known = Object.keys(draft.fields);
  const unknown = Object.entries(note.fields ?? {}).filter(([name]) => exactName(name, known) === undefined);
  const media = draft.media.map((file) => {
    const { field, filename, path, url, data } = file;
    const upload = uploads.get(file);
    return upload ? { field, filename, data: upload.data } : { field, filename, path, url, data };
  });
  const { addTags: _, ...rest } = note;
  // The tags of an existing note that is updated as a duplicate are not the user's.
  const { tags } = draft.target && note.id === undefined ? { tags: undefined } : draft;
  return {
    ...(tags ? rest : note),
    ...(note.fields && { fields: { ...Object.fromEntries(unknown), ...draft.fields } }),
    ...(tags && { tags: [...new Set(tags)] }),
    ...(draft.deck !== undefined && !draft.target && { deckName: draft.deck }),
    ...(media.length > 0 && { media }),
  };
}
