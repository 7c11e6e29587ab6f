import { bareText } from '../../card-text/html.ts';
import { inDecks, inField, literal, sameFirstField } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { fieldNames } from '../lint.ts';
import { readFoundNotes, type Note, type NoteType } from '../../reading.ts';
import { unsettled, type CollectionFacts, type Draft } from './save-draft.ts';
import type { DuplicateScope } from './save-input.ts';

type DuplicateMode = 'skip' | 'update' | 'add';

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

/** Maximum characters of one search in all note types. */
const maxQuery = 20_000;

/** Returns the searches for the notes that a draft duplicates. */
function duplicateQueries(
  draft: Draft,
  type: NoteType,
  first: string,
  scope: DuplicateScope,
  { deckIds, typeIds }: CollectionFacts,
): string[] {
  const ofType = duplicateQuery(type, first);
  if (scope === 'deck') {
    const deck = draft.deck ?? '';
    return Object.hasOwn(deckIds, deck) ? [`${ofType} ${inDecks([deck], deckIds)}`] : [];
  }
  if (scope === 'type' || first.length > maxCompared) return [ofType];
  const queries: string[] = [];
  let query = ofType;
  for (const term of Object.values(typeIds).flatMap((id) =>
    id === type.id ? [] : sameFirstField(id, first),
  )) {
    if (query.length + term.length > maxQuery) {
      queries.push(query);
      query = term;
    } else query += ` or ${term}`;
  }
  return [...queries, query];
}

/** A note that a draft duplicates. `note` is absent if it could not be read. */
interface Duplicate {
  readonly noteId: number;
  readonly note?: Note;
}

/** Returns the notes that a draft duplicates: those of its type first, then the oldest first. */
async function findDuplicatesOf(
  reading: Context,
  draft: Draft,
  type: NoteType,
  queriesFor: (first: string) => readonly string[] = (first) => [duplicateQuery(type, first)],
): Promise<Duplicate[]> {
  const [name = ''] = fieldNames(type);
  const first = draft.withMedia()[name] ?? '';
  const queries = queriesFor(first);
  const found = await Promise.all(queries.map((query) => readFoundNotes(reading, query)));
  const notes = found.flatMap((each) => each.notes);
  const bare = bareText(first);
  const same =
    first.length > maxCompared
      ? notes.filter(({ fields }) => bareText(fields[name]?.value ?? '') === bare)
      : notes;
  const isOther = ({ note }: Duplicate) => Number(note !== undefined && note.modelName !== type.name);
  return [
    ...same.map((note) => ({ noteId: note.noteId, note })),
    ...found.flatMap(({ unread }) => unread.map(({ id }) => ({ noteId: id }))),
  ].toSorted((a, b) => isOther(a) - isOther(b) || a.noteId - b.noteId);
}

/** The notes to add by place and first field. */
export type SeenNotes = Map<string, Draft>;

/** Settles drafts whose first field is the same as that of an earlier draft. */
function settleTwins(drafts: readonly Draft[], scope: DuplicateScope, seen: SeenNotes): void {
  for (const draft of drafts) {
    const { type, deck } = draft;
    if (draft.outcome || !type || draft.target) continue;
    const place = { all: '', type: type.id, deck: `${type.id} ${deck}` }[scope];
    const key = `${place} ${bareText(draft.withMedia()[fieldNames(type)[0] ?? ''] ?? '')}`;
    draft.twin = seen.get(key);
    if (draft.twin) draft.settle('twiceInCall');
    else seen.set(key, draft);
  }
}

export type Duplicates = ReadonlyMap<Draft, readonly Duplicate[]>;

/** Finds the notes that drafts duplicate. */
export async function findDuplicates(
  context: Context,
  drafts: readonly Draft[],
  facts: CollectionFacts,
  mode: DuplicateMode,
  scope: DuplicateScope,
  seen: SeenNotes,
): Promise<Duplicates> {
  if (mode === 'add') return new Map();
  settleTwins(drafts, scope, seen);
  const found = drafts.map(async (draft): Promise<[Draft, Duplicate[]][]> => {
    if (draft.outcome || !draft.type || draft.target) return [];
    const { type } = draft;
    const queries = (first: string) => duplicateQueries(draft, type, first, scope, facts);
    return [[draft, await findDuplicatesOf(context, draft, type, queries)]];
  });
  return new Map((await Promise.all(found)).flat());
}

/** Turns drafts of existing notes into updates, or settles them as already there. */
export function resolveDuplicates(
  drafts: readonly Draft[],
  duplicates: Duplicates,
  mode: DuplicateMode,
): void {
  const updated = new Map<number, Draft>();
  for (const draft of unsettled(drafts)) if (draft.target) updated.set(draft.target.noteId, draft);
  for (const [draft, [found, ...others]] of duplicates) {
    if (!found || draft.outcome) continue;
    draft.id = found.noteId;
    draft.existing = found.note;
    if (others.length > 0) {
      draft.warnings.push(`also the same: ${others.map(({ noteId }) => noteId).join(', ')}`);
    }
    if (mode === 'update') draft.twin = updated.get(found.noteId);
    if (draft.twin) draft.settle('twiceInCall', 'Another note of this call already updates it.');
    else if (mode === 'skip') draft.settle('alreadyThere');
    else if (!found.note) draft.settle('alreadyThere', 'The existing note has no cards and cannot be read.');
    else if (found.note.modelName !== draft.type?.name)
      draft.settle('alreadyThere', 'It has another note type, so it was not updated.');
    else {
      draft.target = found.note;
      // The existing tags are kept, because the assistant may not know them.
      if (draft.tags) draft.tags = [...found.note.tags, ...draft.tags];
      updated.set(found.noteId, draft);
    }
  }
}

/** Looks up the existing notes of drafts that Anki itself refused as duplicates, and the decks of all existing notes. */
export async function identifyDuplicates(context: Context, drafts: readonly Draft[]): Promise<void> {
  const there = drafts.filter(({ outcome }) => outcome === 'alreadyThere');
  // An error here must not hide what was saved.
  await Promise.all(
    there
      .filter(({ id }) => id === undefined)
      .map(async (draft) => {
        const found = draft.type ? await findDuplicatesOf(context, draft, draft.type).catch(() => []) : [];
        draft.id = found[0]?.noteId;
        draft.existing = found[0]?.note;
      }),
  );
  const cards = there.flatMap(({ existing }) => existing?.cards.slice(0, 1) ?? []);
  if (cards.length === 0) return;
  const decks = await context.call('getDecks', { cards }).catch(() => ({}));
  const deckOf = new Map(
    Object.entries(decks).flatMap(([deck, ids]) => ids.map((id) => [id, deck] as const)),
  );
  for (const draft of there) draft.existingDeck = deckOf.get(draft.existing?.cards[0] ?? 0);
}
