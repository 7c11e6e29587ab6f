import { AnkiRefused, Unavailable } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import { bareText } from '../../card-text/html.ts';
import { fieldNames, type NoteType } from '../lint.ts';
import { readNotes, type Note } from '../reading.ts';
import type { Draft, Surroundings } from './save-draft.ts';
import type { SaveInput } from './save-input.ts';

const distinct = <T>(values: readonly (T | undefined)[]): T[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];

/** One name at a time: an unknown one fails the call. */
async function typesNamed({ call }: Context, names: readonly string[]): Promise<[string, NoteType][]> {
  const found = await Promise.all(
    names.map((name) =>
      call('findModelsByName', { modelNames: [name] }).catch((error: unknown) => {
        if (error instanceof AnkiRefused) return [];
        throw error;
      }),
    ),
  );
  return found.flatMap(([type], at) => (type ? [[(names[at] ?? '').toLowerCase(), type]] : []));
}

/** What the collection has: one request on the desktop. */
export async function lookUp(context: Context, { notes, modelName }: SaveInput): Promise<Surroundings> {
  const ids = distinct(notes.map(({ id }) => id));
  const wanted = notes.filter(({ id }) => id === undefined).map((note) => note.modelName ?? modelName);
  const [decks, typeNames, types, { notes: found, unread }] = await Promise.all([
    context.call('deckNames', {}),
    context.call('modelNames', {}),
    typesNamed(context, distinct(wanted)),
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

const quoted = (term: string): string => `"${term.replaceAll(/[\\"]/g, '\\$&')}"`;
const literal = (text: string): string => text.replaceAll(/[\\"*_:]/g, '\\$&');

/** Finds notes of a type with this first field, as Anki itself compares them. */
function twinQuery(type: NoteType, first: string): string {
  // Anki's own search for doubles does not see control characters; there _ stands for any one sign.
  const control = /[\0-\x1f]/g;
  if (!control.test(first)) return quoted(`dupe:${type.id},${first}`);
  const [name = ''] = fieldNames(type);
  return `"note:${literal(type.name)}" "${literal(name)}:${literal(first).replaceAll(control, '_')}"`;
}

interface Found {
  readonly noteId: number;
  readonly note?: Note;
}

async function twinsOf({ call }: Context, draft: Draft, type: NoteType, toUpdate: boolean): Promise<Found[]> {
  const [name = ''] = fieldNames(type);
  const query = twinQuery(type, draft.withMedia()[name] ?? '');
  if (!toUpdate) return (await call('findNotes', { query })).map((noteId) => ({ noteId }));
  try {
    const notes = await call('notesInfo', { query });
    return notes.flatMap(
      ({ noteId, profile = '', tags = [], fields = {}, modelName = '', mod = 0, cards = [] }) =>
        noteId === undefined
          ? []
          : [{ noteId, note: { noteId, profile, tags, fields, modelName, mod, cards } }],
    );
  } catch (error) {
    // The bare id of a note without cards, which notesInfo cannot read.
    if (error instanceof AnkiRefused && /^\d+$/.test(error.message))
      return [{ noteId: Number(error.message) }];
    throw error;
  }
}

/** Settles drafts whose first field stands in an earlier one of the call already. */
function settleTwins(drafts: readonly Draft[]): void {
  const byText = new Map<string, Draft>();
  for (const draft of drafts) {
    const { type } = draft;
    if (draft.outcome || !type || draft.target) continue;
    const key = `${type.id} ${bareText(draft.withMedia()[fieldNames(type)[0] ?? ''] ?? '')}`;
    draft.twin = byText.get(key);
    if (draft.twin) draft.settle('duplicate', 'The same first field stands in this call already.');
    else byText.set(key, draft);
  }
}

export type Twins = ReadonlyMap<Draft, readonly Found[]>;

/** Finds the notes that drafts are duplicates of, oldest first. */
export async function findTwins(
  context: Context,
  drafts: readonly Draft[],
  mode: 'skip' | 'update' | 'add',
): Promise<Twins> {
  if (mode === 'add') return new Map();
  settleTwins(drafts);
  const found = drafts.map(async (draft): Promise<[Draft, Found[]][]> => {
    if (draft.outcome || !draft.type || draft.target) return [];
    const twins = await twinsOf(context, draft, draft.type, mode === 'update');
    return [[draft, twins.toSorted((a, b) => a.noteId - b.noteId)]];
  });
  return new Map((await Promise.all(found)).flat());
}

/** Makes duplicates updates of the notes that are there, or settles them. */
export function useTwins(drafts: readonly Draft[], twins: Twins, mode: 'skip' | 'update' | 'add'): void {
  const updated = new Map<number, Draft>();
  for (const draft of drafts) if (draft.target && !draft.outcome) updated.set(draft.target.noteId, draft);
  for (const [draft, [oldest, ...others]] of twins) {
    if (!oldest || draft.outcome) continue;
    draft.id = oldest.noteId;
    if (others.length > 0) {
      draft.warnings.push(`also the same: ${others.map(({ noteId }) => noteId).join(', ')}`);
    }
    draft.twin = updated.get(oldest.noteId);
    if (draft.twin) draft.settle('duplicate', 'This call updates that note already.');
    else if (mode === 'skip') draft.settle('duplicate', 'A note with this first field exists.');
    else if (!oldest.note) draft.settle('duplicate', 'That note has no cards and cannot be read.');
    else {
      draft.target = oldest.note;
      // Its own tags are kept: they may be older than the assistant's knowledge of it.
      if (draft.tags) draft.tags = [...oldest.note.tags, ...draft.tags];
      updated.set(oldest.noteId, draft);
    }
  }
}

/** The ids of the notes that Anki, and not the search before, found drafts to be duplicates of. */
export async function identify(context: Context, drafts: readonly Draft[]): Promise<void> {
  const nameless = drafts.filter(
    ({ outcome, id, twin }) => outcome === 'duplicate' && id === undefined && !twin,
  );
  await Promise.all(
    nameless.map(async (draft) => {
      // What was saved is saved, even if Anki has gone since.
      const found = draft.type ? await twinsOf(context, draft, draft.type, false).catch(() => []) : [];
      draft.id = found[0]?.noteId;
    }),
  );
}

/** The types of the notes to update, and whether the decks for new ones take any: joins the search for twins. */
export async function lookFurther(
  context: Context,
  drafts: readonly Draft[],
  known: Surroundings,
): Promise<void> {
  const open = drafts.filter(({ outcome }) => !outcome);
  const missing = distinct(open.map(({ target }) => target?.modelName)).filter(
    (name) => !known.types.has(name.toLowerCase()),
  );
  const decks = distinct(open.map(({ deck }) => deck)).filter((deck) => known.decks.includes(deck));
  const [types, configs] = await Promise.all([
    typesNamed(context, missing).catch(noneIfTooOld),
    Promise.all(decks.map((deck) => context.call('getDeckConfig', { deck }))),
  ]);
  for (const [name, type] of types) known.types.set(name, type);
  const filtered = decks.filter((_, at) => isFiltered(configs[at]));
  for (const draft of open) {
    draft.type ??= known.types.get(draft.target?.modelName.toLowerCase() ?? '');
    if (draft.deck !== undefined && filtered.includes(draft.deck)) {
      draft.settle('invalid', `"${draft.deck}" is a filtered deck and takes no new notes.`);
    }
  }
}

/** Changes can be made to a note whose type an old add-on does not tell, only not be checked. */
const noneIfTooOld = (error: unknown): [] => {
  if (error instanceof Unavailable) return [];
  throw error;
};

const isFiltered = (config: unknown): boolean =>
  typeof config === 'object' && config !== null && 'dyn' in config && Boolean(config.dyn);
