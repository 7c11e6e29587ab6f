import { OutcomeUnknown, Unreadable } from '../../../contract/errors.ts';
import { type Json, own } from '../../../lib/json.ts';
import type { Context } from '../../workflow.ts';
import { cleanText } from '../../card-text/html.ts';
import { batch, read } from '../joined.ts';
import { readNotes, type Note } from '../reading.ts';
import type { Draft } from './save-draft.ts';
import { messageOf } from '../../../lib/error.ts';

const stored = (html: string): string => cleanText(html).normalize('NFC');

const tagSet = (tags: readonly string[]): string =>
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

/** The fields in which a note differs from what was to be. */
const differing = (note: Note, fields: Readonly<Record<string, string>>): string[] =>
  Object.keys(fields).filter(
    (name) => stored(own(note.fields, name)?.value ?? '') !== stored(own(fields, name) ?? ''),
  );

interface Changes {
  readonly fields?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

/** What an update has to change of a note; nothing where it is as it is to be. */
export function changesOf({ tags }: Draft, target: Note, whole: Readonly<Record<string, string>>): Changes {
  const names = differing(target, whole);
  return {
    ...(names.length > 0 && { fields: Object.fromEntries(names.map((name) => [name, whole[name] ?? ''])) }),
    ...(tags && tagSet(tags) !== tagSet(target.tags) && { tags: [...new Set(tags)] }),
  };
}

const isNothing = (changes: Changes): boolean => !changes.fields && !changes.tags;

const toAdd = (draft: Draft, allowDuplicate: boolean): Json => ({
  deckName: draft.deck,
  modelName: draft.type?.name,
  fields: draft.withMedia(),
  tags: draft.tags ?? [],
  options: { allowDuplicate },
});

const unknown =
  'Anki was asked to save it and gave no answer, so it may or may not be saved. The same call with dryRun: true tells: duplicate or unchanged means that it is. Do not repeat it before.';

const refused = (error: unknown): ['failed' | 'unknown', string] =>
  error instanceof OutcomeUnknown || error instanceof Unreadable
    ? ['unknown', unknown]
    : ['failed', messageOf(error)];

/** Settles the drafts that need no writing, and tells which are to be added and which changed. */
export function sorted(drafts: readonly Draft[]): { adding: Draft[]; updating: [Draft, Changes][] } {
  const open = drafts.filter(({ outcome }) => !outcome);
  const updating: [Draft, Changes][] = [];
  for (const draft of open) {
    if (!draft.target) continue;
    const changes = changesOf(draft, draft.target, draft.withMedia());
    if (isNothing(changes)) draft.settle('unchanged');
    else updating.push([draft, changes]);
  }
  return { adding: open.filter(({ target }) => !target), updating };
}

/** Adds and changes notes in one request. What may have been carried out is never sent a second time. */
export async function write(
  context: Context,
  drafts: readonly Draft[],
  allowDuplicate: boolean,
): Promise<void> {
  const { adding, updating } = sorted(drafts);
  const notes = adding.map((draft) => toAdd(draft, allowDuplicate));
  const children = [
    ...(adding.length > 0 ? [{ action: 'addNotes' as const, params: { notes } }] : []),
    ...updating.map(([draft, changes]) => ({
      action: 'updateNote' as const,
      params: { note: { id: draft.target?.noteId, ...changes } },
    })),
  ];
  if (children.length === 0) return;
  let replies: readonly Json[];
  try {
    replies = await batch(context, children);
  } catch (error) {
    for (const draft of [...adding, ...updating.map(([draft]) => draft)]) draft.settle(...refused(error));
    return;
  }
  const ofUpdates = adding.length > 0 ? replies.slice(1) : replies;
  for (const [at, [draft]] of updating.entries())
    settle(draft, 'updated', () => read('updateNote', ofUpdates[at]));
  if (adding.length === 0) return;
  try {
    const ids = read('addNotes', replies[0]);
    for (const [at, draft] of adding.entries()) settleAdded(draft, Array.isArray(ids) ? ids[at] : null);
  } catch {
    // All or none: so none of them is there, and each is now tried by itself.
    await addSingly(context, adding, notes);
  }
}

function settle(draft: Draft, outcome: 'created' | 'updated', work: () => unknown): void {
  try {
    work();
    draft.settle(outcome);
  } catch (error) {
    draft.settle('failed', messageOf(error));
  }
}

function settleAdded(draft: Draft, id: Json | undefined): void {
  settle(draft, 'created', () => {
    if (typeof id !== 'number') throw new Error('Anki did not add it, and did not say why.');
    draft.id = id;
  });
}

async function addSingly(context: Context, adding: readonly Draft[], notes: readonly Json[]): Promise<void> {
  try {
    const replies = await batch(
      context,
      notes.map((note) => ({ action: 'addNote', params: { note } })),
    );
    for (const [at, draft] of adding.entries()) {
      try {
        settleAdded(draft, read('addNote', replies[at]));
      } catch (error) {
        const why = messageOf(error);
        if (why.includes('because it is a duplicate')) draft.settle('duplicate', why);
        else draft.settle('failed', why);
      }
    }
  } catch (error) {
    for (const draft of adding) draft.settle(...refused(error));
  }
}

/** Reads what was written, and tells where Anki has something else. */
export async function verify(context: Context, drafts: readonly Draft[]): Promise<void> {
  const written = drafts.filter(({ outcome }) => outcome === 'created' || outcome === 'updated');
  const ids = written.flatMap(({ id }) => id ?? []);
  if (ids.length === 0) return;
  const found = await readNotes(context, ids).catch((error: unknown) => messageOf(error));
  for (const draft of written) {
    if (typeof found === 'string') {
      draft.settle('unverified', `It was ${draft.outcome}, but could not be read again: ${found}`);
      continue;
    }
    const note = found.notes.find(({ noteId }) => noteId === draft.id);
    const wrong = note && differing(note, draft.withMedia());
    const tagsDiffer = note && draft.tags && tagSet(draft.tags) !== tagSet(note.tags);
    if (!wrong) {
      draft.settle(
        'unverified',
        `It was ${draft.outcome}, but Anki does not show it: the note is gone, or has no cards.`,
      );
    } else if (wrong.length > 0 || tagsDiffer) {
      draft.settle(
        'unverified',
        `Anki took it, but has other content in ${[...wrong, ...(tagsDiffer ? ['the tags'] : [])].join(', ')}. If the note is open in Anki's browser or editor, that wrote its own copy back: ask the user to close it, then save again.`,
      );
    }
  }
}
