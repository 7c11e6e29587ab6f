import { OutcomeUnknown, Unreadable } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import { type Json, own } from '../../../lib/json.ts';
import { cleanText } from '../../card-text/html.ts';
import type { Context } from '../../workflow.ts';
import { batch, resultOf } from '../joined.ts';
import { readNotes, type Note } from '../reading.ts';
import { unsettled, type Draft } from './save-draft.ts';

/** Returns a text as Anki stores it. */
const asStored = (html: string): string => cleanText(html).normalize('NFC');

/** Returns tags in a form that is equal for tags that Anki stores as the same. */
const tagKey = (tags: readonly string[]): string =>
  JSON.stringify(
    [
      ...new Set(
        tags
          .flatMap((tag) => tag.normalize('NFC').toLowerCase().split(/\s+/))
          .filter(Boolean)
          .map((tag) => tag.replaceAll(/^(?=::)|(?<=::)(?=::|$)/g, 'blank')),
      ),
    ].toSorted(),
  );

/** Returns the names of fields whose content differs from that of the note. */
const differingFields = (note: Note, fields: Readonly<Record<string, string>>): string[] =>
  Object.keys(fields).filter(
    (name) => asStored(own(note.fields, name)?.value ?? '') !== asStored(own(fields, name) ?? ''),
  );

interface Changes {
  readonly fields?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

/** Returns what an update has to change. It is empty if the note already has this content. */
function changesOf({ tags }: Draft, target: Note, fields: Readonly<Record<string, string>>): Changes {
  const names = differingFields(target, fields);
  return {
    ...(names.length > 0 && { fields: Object.fromEntries(names.map((name) => [name, fields[name] ?? ''])) }),
    ...(tags && tagKey(tags) !== tagKey(target.tags) && { tags: [...new Set(tags)] }),
  };
}

const isEmpty = (changes: Changes): boolean => !changes.fields && !changes.tags;

const toNewNote = (draft: Draft, allowDuplicate: boolean): Json => ({
  deckName: draft.deck,
  modelName: draft.type?.name,
  fields: draft.withMedia(),
  tags: draft.tags ?? [],
  options: { allowDuplicate },
});

const outcomeUnknown =
  'Anki did not reply, so the note may or may not be saved. To find out, repeat the call with dryRun: true: duplicate or unchanged means that it is saved. Do not save again before.';

const outcomeOf = (error: unknown): ['failed' | 'unknown', string] =>
  error instanceof OutcomeUnknown || error instanceof Unreadable
    ? ['unknown', outcomeUnknown]
    : ['failed', messageOf(error)];

interface WritePlan {
  readonly adding: readonly Draft[];
  readonly updating: readonly (readonly [Draft, Changes])[];
}

/** Returns which drafts to add and which to update. Settles those that need no change. */
export function planWrites(drafts: readonly Draft[]): WritePlan {
  const open = unsettled(drafts);
  const updating: [Draft, Changes][] = [];
  for (const draft of open) {
    if (!draft.target) continue;
    const changes = changesOf(draft, draft.target, draft.withMedia());
    if (isEmpty(changes)) draft.settle('unchanged');
    else updating.push([draft, changes]);
  }
  return { adding: open.filter(({ target }) => !target), updating };
}

/** Adds and updates notes in one request. A write that may have been carried out is never repeated. */
export async function write(
  context: Context,
  drafts: readonly Draft[],
  allowDuplicate: boolean,
): Promise<void> {
  const { adding, updating } = planWrites(drafts);
  const notes = adding.map((draft) => toNewNote(draft, allowDuplicate));
  const calls = [
    ...(adding.length > 0 ? [{ action: 'addNotes' as const, params: { notes } }] : []),
    ...updating.map(([draft, changes]) => ({
      action: 'updateNote' as const,
      params: { note: { id: draft.target?.noteId, ...changes } },
    })),
  ];
  if (calls.length === 0) return;
  let replies: readonly Json[];
  try {
    replies = await batch(context, calls);
  } catch (error) {
    for (const draft of [...adding, ...updating.map(([draft]) => draft)]) draft.settle(...outcomeOf(error));
    return;
  }
  const updateReplies = adding.length > 0 ? replies.slice(1) : replies;
  for (const [index, [draft]] of updating.entries())
    settleBy(draft, 'updated', () => resultOf('updateNote', updateReplies[index]));
  if (adding.length === 0) return;
  try {
    const ids = resultOf('addNotes', replies[0]);
    for (const [index, draft] of adding.entries()) settleAdded(draft, Array.isArray(ids) ? ids[index] : null);
  } catch {
    // addNotes adds all or none. It added none, so each note is tried separately.
    await addSeparately(context, adding, notes);
  }
}

/** Settles a draft with the outcome, or as failed if `check` throws. */
function settleBy(draft: Draft, outcome: 'created' | 'updated', check: () => unknown): void {
  try {
    check();
    draft.settle(outcome);
  } catch (error) {
    draft.settle('failed', messageOf(error));
  }
}

function settleAdded(draft: Draft, id: Json | undefined): void {
  settleBy(draft, 'created', () => {
    if (typeof id !== 'number') throw new Error('Anki did not add the note and gave no reason.');
    draft.id = id;
  });
}

async function addSeparately(
  context: Context,
  adding: readonly Draft[],
  notes: readonly Json[],
): Promise<void> {
  try {
    const replies = await batch(
      context,
      notes.map((note) => ({ action: 'addNote', params: { note } })),
    );
    for (const [index, draft] of adding.entries()) {
      try {
        settleAdded(draft, resultOf('addNote', replies[index]));
      } catch (error) {
        const why = messageOf(error);
        if (why.includes('because it is a duplicate')) draft.settle('duplicate', why);
        else draft.settle('failed', why);
      }
    }
  } catch (error) {
    for (const draft of adding) draft.settle(...outcomeOf(error));
  }
}

/** Reads written notes back. A note whose content in Anki differs becomes unverified. */
export async function verify(context: Context, drafts: readonly Draft[]): Promise<void> {
  const written = drafts.filter(({ outcome }) => outcome === 'created' || outcome === 'updated');
  const ids = written.flatMap(({ id }) => id ?? []);
  if (ids.length === 0) return;
  const found = await readNotes(context, ids).catch((error: unknown) => messageOf(error));
  for (const draft of written) {
    if (typeof found === 'string') {
      draft.settle('unverified', `It was ${draft.outcome}, but could not be read back: ${found}`);
      continue;
    }
    const note = found.notes.find(({ noteId }) => noteId === draft.id);
    const fields = note && differingFields(note, draft.withMedia());
    const tagsDiffer = note && draft.tags && tagKey(draft.tags) !== tagKey(note.tags);
    if (!fields) {
      draft.settle(
        'unverified',
        `It was ${draft.outcome}, but Anki does not return it: the note was deleted or has no cards.`,
      );
    } else if (fields.length > 0 || tagsDiffer) {
      draft.settle(
        'unverified',
        `Anki accepted it, but has other content in ${[...fields, ...(tagsDiffer ? ['the tags'] : [])].join(', ')}. If the note is open in Anki's browser or editor, that window wrote its own copy back: ask the user to close it, then save again.`,
      );
    }
  }
}
