import { AnkiRefused, Unavailable } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import { readNotes, type NoteType } from '../../reading.ts';
import { unsettled, type CollectionFacts, type Draft } from './save-draft.ts';
import type { SaveInput } from './save-input.ts';

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
  const [deckIds, typeIds, types, { notes: found, unread }] = await Promise.all([
    context.call('deckNamesAndIds', {}),
    context.call('modelNamesAndIds', {}),
    typesNamed(context, distinct(newTypes)),
    readNotes(context, ids),
  ]);
  return {
    decks: Object.keys(deckIds),
    deckIds,
    typeNames: Object.keys(typeIds),
    typeIds,
    listed: new Map(),
    types: new Map(types),
    notes: new Map(found.map((note) => [note.noteId, note])),
    unread: new Map(unread.map(({ id, reason }) => [id, reason])),
  };
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
