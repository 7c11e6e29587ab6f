import { AnkiRefused, Unavailable } from '../../../contract/errors.ts';
import { bareText } from '../../card-text/html.ts';
import { inField, literal, sameFirstField } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { fieldNames } from '../lint.ts';
import { readFoundNotes, readNotes, type Note, type NoteType } from '../reading.ts';
import { unsettled, type CollectionFacts, type Draft } from './save-draft.ts';
import type { SaveInput } from './save-input.ts';

type DuplicateMode = 'skip' | 'update' | 'add';

const distinct = <T>(values: readonly (T | undefined)[]): T[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];

/** Reads note types one by one, because one unknown name fails the call. Unknown ones are left out. */
export async function typesNamed({ call }: Context, names: readonly string[]): Promise<[string, NoteType][]> {
  const found = await Promise.all(
    names.map((name) =>
      call('findModelsByName', { modelNames: [name] }).catch((error: unknown) => {
        if (error instanceof AnkiRefused) return [];
        throw error;
      }),
    ),
  );
  return found.flatMap(([type], index) => (type ? [[(names[index] ?? '').toLowerCase(), type]] : []));
}

/** Reads what the collection contains. On the desktop this is one request. */
export async function lookUp(context: Context, { notes, modelName }: SaveInput): Promise<CollectionFacts> {
  const ids = distinct(notes.map(({ id }) => id));
  const newTypes = notes.filter(({ id }) => id === undefined).map((note) => note.modelName ?? modelName);
  const [decks, typeNames, types, { notes: found, unread }] = await Promise.all([
    context.call('deckNames', {}),
    context.call('modelNames', {}),
    typesNamed(context, distinct(newTypes)),
    readNotes(context, ids),
  ]);
  return {
    decks,
    typeNames,
    types: new Map(types),
    notes: new Map(found.map((note) => [note.noteId, note])),
    unread: new Map(unread.map(({ id, reason }) => [id, reason])),
  };
}

/** Characters of a field that a search compares. Anki refuses a search for 50,000, and its search for duplicates is slow. */
const maxSearched = 1_000;

/** Maximum characters of a first field that Anki's own search for duplicates gets. */
const maxCompared = 10_000;

/** Returns a search for notes of a type with this first field, compared as Anki does; or with the start of a long one. */
function duplicateQuery(type: NoteType, first: string): string {
  // Anki's own search for duplicates ignores control characters. _ matches any one character.
  const control = /[\0-\x1f]/g;
  const isLong = first.length > maxCompared;
  if (!isLong && !control.test(first)) return sameFirstField(type.id, first);
  const [name = ''] = fieldNames(type);
  const text = isLong ? first.slice(0, maxSearched).toWellFormed().replaceAll('\ufffd', '_') : first;
  const pattern = `${literal(text).replaceAll(control, '_')}${isLong ? '*' : ''}`;
  return `mid:${type.id} ${inField(name, pattern)}`;
}

/** A note that a draft duplicates. `note` is absent if it was not or could not be read. */
interface Duplicate {
  readonly noteId: number;
  readonly note?: Note;
}

async function findDuplicatesOf(
  { call }: Context,
  draft: Draft,
  type: NoteType,
  withContent: boolean,
): Promise<Duplicate[]> {
  const [name = ''] = fieldNames(type);
  const first = draft.withMedia()[name] ?? '';
  const query = duplicateQuery(type, first);
  const isLong = first.length > maxCompared;
  if (!withContent && !isLong) return (await call('findNotes', { query })).map((noteId) => ({ noteId }));
  const found = await readFoundNotes({ call }, query);
  const bare = bareText(first);
  const notes = isLong
    ? found.notes.filter(({ fields }) => bareText(fields[name]?.value ?? '') === bare)
    : found.notes;
  return [
    ...notes.map((note) => ({ noteId: note.noteId, note })),
    ...found.unread.map(({ id }) => ({ noteId: id })),
  ];
}

/** The notes to add by note type and first field. */
export type SeenNotes = Map<string, Draft>;

/** Settles drafts whose first field is the same as that of an earlier draft. */
function settleTwins(drafts: readonly Draft[], seen: SeenNotes): void {
  for (const draft of drafts) {
    const { type } = draft;
    if (draft.outcome || !type || draft.target) continue;
    const key = `${type.id} ${bareText(draft.withMedia()[fieldNames(type)[0] ?? ''] ?? '')}`;
    draft.twin = seen.get(key);
    if (draft.twin) draft.settle('duplicate', 'An earlier note of this call has the same first field.');
    else seen.set(key, draft);
  }
}

export type Duplicates = ReadonlyMap<Draft, readonly Duplicate[]>;

/** Finds the notes that drafts duplicate, oldest first. */
export async function findDuplicates(
  context: Context,
  drafts: readonly Draft[],
  mode: DuplicateMode,
  seen: SeenNotes,
): Promise<Duplicates> {
  if (mode === 'add') return new Map();
  settleTwins(drafts, seen);
  const found = drafts.map(async (draft): Promise<[Draft, Duplicate[]][]> => {
    if (draft.outcome || !draft.type || draft.target) return [];
    const duplicates = await findDuplicatesOf(context, draft, draft.type, mode === 'update');
    return [[draft, duplicates.toSorted((a, b) => a.noteId - b.noteId)]];
  });
  return new Map((await Promise.all(found)).flat());
}

/** Turns drafts of existing notes into updates, or settles them as duplicates. */
export function resolveDuplicates(
  drafts: readonly Draft[],
  duplicates: Duplicates,
  mode: DuplicateMode,
): void {
  const updated = new Map<number, Draft>();
  for (const draft of unsettled(drafts)) if (draft.target) updated.set(draft.target.noteId, draft);
  for (const [draft, [oldest, ...others]] of duplicates) {
    if (!oldest || draft.outcome) continue;
    draft.id = oldest.noteId;
    if (others.length > 0) {
      draft.warnings.push(`also the same: ${others.map(({ noteId }) => noteId).join(', ')}`);
    }
    draft.twin = updated.get(oldest.noteId);
    if (draft.twin) draft.settle('duplicate', 'Another note of this call already updates it.');
    else if (mode === 'skip') draft.settle('duplicate', 'A note with this first field exists.');
    else if (!oldest.note) draft.settle('duplicate', 'The existing note has no cards and cannot be read.');
    else {
      draft.target = oldest.note;
      // The existing tags are kept, because the assistant may not know them.
      if (draft.tags) draft.tags = [...oldest.note.tags, ...draft.tags];
      updated.set(oldest.noteId, draft);
    }
  }
}

/** Looks up the existing notes of drafts that Anki itself refused as duplicates. */
export async function identifyDuplicates(context: Context, drafts: readonly Draft[]): Promise<void> {
  const withoutId = drafts.filter(
    ({ outcome, id, twin }) => outcome === 'duplicate' && id === undefined && !twin,
  );
  await Promise.all(
    withoutId.map(async (draft) => {
      // An error here must not hide what was saved.
      const found = draft.type
        ? await findDuplicatesOf(context, draft, draft.type, false).catch(() => [])
        : [];
      draft.id = found[0]?.noteId;
    }),
  );
}

/** Reads the types of the notes to update, and settles new notes for filtered decks. */
export async function loadNoteTypes(
  context: Context,
  drafts: readonly Draft[],
  facts: CollectionFacts,
): Promise<void> {
  const open = unsettled(drafts);
  const missing = distinct(open.map(({ target }) => target?.modelName)).filter(
    (name) => !facts.types.has(name.toLowerCase()),
  );
  const decks = distinct(open.map(({ deck }) => deck)).filter((deck) => facts.decks.includes(deck));
  const [types, configs] = await Promise.all([
    typesNamed(context, missing).catch(noneIfUnavailable),
    Promise.all(decks.map((deck) => context.call('getDeckConfig', { deck }))),
  ]);
  for (const [name, type] of types) facts.types.set(name, type);
  const filtered = decks.filter((_, index) => isFiltered(configs[index]));
  for (const draft of open) {
    draft.type ??= facts.types.get(draft.target?.modelName.toLowerCase() ?? '');
    if (draft.deck !== undefined && filtered.includes(draft.deck)) {
      draft.settle('invalid', `"${draft.deck}" is a filtered deck, which accepts no new notes.`);
    }
  }
}

/** If an old add-on cannot read note types, updates go on without checks. */
const noneIfUnavailable = (error: unknown): [] => {
  if (error instanceof Unavailable) return [];
  throw error;
};

const isFiltered = (config: unknown): boolean =>
  typeof config === 'object' && config !== null && 'dyn' in config && Boolean(config.dyn);
