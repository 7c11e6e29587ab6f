import { AnkiRefused, OutcomeUnknown, Unreadable } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import type { Json } from '../../../lib/json.ts';
import { differingFields, sameTags } from '../../stored-form.ts';
import type { Context } from '../../workflow.ts';
import { batch, resultOf } from '../../joined.ts';
import type { Note } from '../../reading.ts';
import { unsettled, type Draft } from './save-draft.ts';
import type { DuplicateScope } from './save-input.ts';

interface Changes {
  readonly fields?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

/** Returns what an update has to change. It is empty if the note already has this content. */
function changesOf({ tags }: Draft, target: Note, fields: Readonly<Record<string, string>>): Changes {
  const names = differingFields(target, fields);
  return {
    ...(names.length > 0 && { fields: Object.fromEntries(names.map((name) => [name, fields[name] ?? ''])) }),
    ...(tags && !sameTags(tags, target.tags) && { tags: [...new Set(tags)] }),
  };
}

const isEmpty = (changes: Changes): boolean => !changes.fields && !changes.tags;

const toNewNote = (draft: Draft, allowDuplicate: boolean, scope: DuplicateScope): Json => ({
  deckName: draft.deck,
  modelName: draft.type?.name,
  fields: draft.withMedia(),
  tags: draft.tags ?? [],
  options: {
    allowDuplicate,
    ...(scope === 'deck' && { duplicateScope: 'deck', duplicateScopeOptions: { checkChildren: true } }),
  },
});

const outcomeUnknown =
  'Anki did not confirm it, so the note may or may not be saved. To find out, repeat the call with dryRun: true: alreadyThere or unchanged means that it is saved. Do not save again before.';

const outcomeOf = (error: unknown): ['failed' | 'unknown', string] =>
  error instanceof OutcomeUnknown || error instanceof Unreadable
    ? ['unknown', outcomeUnknown]
    : ['failed', messageOf(error)];

interface WritePlan {
  readonly adding: readonly Draft[];
  readonly updating: readonly (readonly [Draft, Changes])[];
}

const updatesOf = (drafts: readonly Draft[]): [Draft, Changes][] =>
  unsettled(drafts).flatMap((draft): [Draft, Changes][] =>
    draft.target ? [[draft, changesOf(draft, draft.target, draft.withMedia())]] : [],
  );

/** Returns which drafts to add and which to update. Settles those that need no change. */
export function planWrites(drafts: readonly Draft[]): WritePlan {
  const updating = updatesOf(drafts);
  for (const [draft, changes] of updating) if (isEmpty(changes)) draft.settle('unchanged');
  return {
    adding: unsettled(drafts).filter(({ target }) => !target),
    updating: updating.filter(([, changes]) => !isEmpty(changes)),
  };
}

/** Gives each draft the outcome that saving would have. */
export function settleDryRun(drafts: readonly Draft[]): void {
  const { adding, updating } = planWrites(drafts);
  for (const draft of adding) draft.settle('created');
  for (const [draft] of updating) draft.settle('updated');
}

const toUpdate = ([draft, changes]: readonly [Draft, Changes]) => ({
  action: 'updateNote' as const,
  params: { note: { id: draft.target?.noteId, ...changes } },
});

/** Asks for confirmation of the updates before decks and media files are added, if they overwrite many notes. */
export async function checkUpdates(context: Context, drafts: readonly Draft[]): Promise<void> {
  const actions = updatesOf(drafts)
    .filter(([, changes]) => !isEmpty(changes))
    .map(toUpdate);
  if (actions.length > 0) await context.check('multi', { actions });
}

/** Adds and updates notes in one request. A write that may have been carried out is never repeated. */
export async function write(
  context: Context,
  drafts: readonly Draft[],
  allowDuplicate: boolean,
  scope: DuplicateScope = 'type',
): Promise<void> {
  const { adding, updating } = planWrites(drafts);
  const notes = adding.map((draft) => toNewNote(draft, allowDuplicate, scope));
  const calls = [
    ...(adding.length > 0 ? [{ action: 'addNotes' as const, params: { notes } }] : []),
    ...updating.map(toUpdate),
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
    for (const [index, draft] of adding.entries())
      settleAdded(draft, Array.isArray(ids) ? ids[index] : undefined);
  } catch (error) {
    // addNotes adds all or none. If Anki refused it, it added none, so each note is tried separately.
    if (error instanceof AnkiRefused) await addSeparately(context, adding, notes);
    else for (const draft of adding) draft.settle(...outcomeOf(error));
  }
}

/** Settles a draft with the outcome, or as failed or unknown if `check` throws. */
function settleBy(draft: Draft, outcome: 'created' | 'updated', check: () => unknown): void {
  try {
    check();
    draft.settle(outcome);
  } catch (error) {
    draft.settle(...outcomeOf(error));
  }
}

function settleAdded(draft: Draft, id: Json | undefined): void {
  settleBy(draft, 'created', () => {
    if (id === null) throw new Error('Anki did not add the note and gave no reason.');
    if (typeof id !== 'number') throw new Unreadable('Anki replied without the id of the note.');
    draft.id = id;
  });
}

async function addSeparately(
  context: Context,
  adding: readonly Draft[],
  notes: readonly Json[],
): Promise<void> {
  let replies: readonly Json[];
  try {
    replies = await batch(
      context,
      notes.map((note) => ({ action: 'addNote', params: { note } })),
    );
  } catch (error) {
    for (const draft of adding) draft.settle(...outcomeOf(error));
    return;
  }
  for (const [index, draft] of adding.entries()) {
    try {
      settleAdded(draft, resultOf('addNote', replies[index]));
    } catch (error) {
      const [outcome, why] = outcomeOf(error);
      draft.settle(why.includes('because it is a duplicate') ? 'alreadyThere' : outcome, why);
    }
  }
}
