import { hash } from 'node:crypto';
import type { Collection } from '../session/collection.ts';
import { findDeck } from '../session/deck-name.ts';
import type { Draft } from './note-draft.ts';
import { oncePerKey } from './once-per-key.ts';
import { text } from '../session/python.ts';
import type { Json } from '../../../lib/json.ts';

/** States that the engine's own check of a note returns. */
const noteState = { normal: 0, empty: 1, duplicate: 2 };

/** The type of a note and the deck of one of its cards. */
interface NoteLocation {
  readonly type: number;
  readonly deck: number;
}

type StripMarkup = (html: string) => Promise<string>;

/** Returns true if the options need a check that the engine does not offer. Anki-Connect then ignores clozes. */
const needsOwnCheck = ({ options }: Draft): boolean => options.inDeck || options.checkAllModels;

/** Returns true if a text is white space for the engine, or for Python. */
const isBlank = (text: string): boolean => /^\p{White_Space}*$/u.test(text);
const isBlankInPython = (text: string): boolean => /^[\p{White_Space}\x1c-\x1f]*$/u.test(text);

/** Returns the checksum by which Anki indexes first fields. */
const checksum = (text: string): number => Number.parseInt(hash('sha1', text).slice(0, 8), 16);

/** Returns a text without markup. Calls the engine only if the text may contain some. */
const stripMarkup = async (collection: Collection, html: string): Promise<string> =>
  /[<&]/.test(html) ? (await collection.call('strip_html', { text: html, mode: 1 })).val : html;

/** NoteLocations of notes by their first field without markup. */
class NoteLocations {
  readonly #byFirstField = new Map<string, NoteLocation[]>();

  of(firstField: string): readonly NoteLocation[] {
    return this.#byFirstField.get(firstField) ?? [];
  }

  add(firstField: string, type: Json | undefined, deck: Json | undefined): void {
    const locations = this.#byFirstField.get(firstField) ?? [];
    locations.push({ type: Number(type), deck: Number(deck) });
    this.#byFirstField.set(firstField, locations);
  }
}

/** Finds the notes with these first fields. One query for all of them, which uses the index of checksums. */
async function findLocations(
  collection: Collection,
  firstFields: string[],
  strip: StripMarkup,
): Promise<NoteLocations> {
  const rows = await collection.query(
    'select field_at_index(flds, 0), mid, did from notes n left join cards c on c.nid = n.id where csum in (select value from json_each(?))',
    JSON.stringify(firstFields.map(checksum)),
  );
  const locations = new NoteLocations();
  for (const [field, type, deck] of rows) locations.add(await strip(String(field)), type, deck);
  return locations;
}

/**
 * Returns a function that finds the decks in which duplicates of a draft count: undefined for all decks, an empty set if
 * the deck does not exist. It looks each deck up only once.
 */
function deckFinder(collection: Collection): (draft: Draft) => Promise<ReadonlySet<number> | undefined> {
  const idOf = oncePerKey((name: Json) => findDeck(collection, text(name)));
  const withChildren = oncePerKey(async (did: bigint) => {
    const { entries } = await collection.call('get_deck_and_child_names', { did });
    return new Set(entries.map(({ id }) => Number(id)));
  });
  return async ({ deckId, options: { inDeck, deckName = null, checkChildren } }) => {
    if (!inDeck) return undefined;
    const did = deckName === null ? deckId : await idOf(deckName);
    if (did === undefined) return new Set();
    return checkChildren ? withChildren(did) : new Set([Number(did)]);
  };
}

/** Returns the state of a draft without regard to duplicates. */
async function stateOf(collection: Collection, draft: Draft, firstField: string): Promise<number> {
  const { fields } = draft.note;
  if (needsOwnCheck(draft)) return isBlankInPython(fields[0] ?? '') ? noteState.empty : noteState.normal;
  // The engine's check reads every note of the type: call it only for notes that need it.
  if (draft.isCloze || fields.some((field) => field.includes('{{c'))) {
    return (await collection.call('note_fields_check', { ...draft.note, guid: '' })).state;
  }
  return isBlank(firstField) ? noteState.empty : noteState.normal;
}

function refusalReason(state: number, { options }: Draft): string | undefined {
  if (state === noteState.normal || (state === noteState.duplicate && options.allowDuplicate))
    return undefined;
  if (state === noteState.empty) return 'cannot create note because it is empty';
  if (state === noteState.duplicate) return 'cannot create note because it is a duplicate';
  return 'cannot create note for unknown reason';
}

/** Returns for each draft why it cannot be added, or undefined. In a batch, each draft counts for the ones after it. */
export async function refusalReasons(
  collection: Collection,
  drafts: readonly Draft[],
  isBatch: boolean,
): Promise<(string | undefined)[]> {
  const strip = oncePerKey((html: string) => stripMarkup(collection, html));
  const decksOf = deckFinder(collection);
  const checks = await Promise.all(
    drafts.map(async (draft) => {
      const [first = ''] = draft.note.fields;
      const composed = first.normalize('NFC');
      const stored = await strip(composed.replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, ''));
      // Anki normalizes to NFC before it compares; the add-on's own check does not.
      const compared = await strip(needsOwnCheck(draft) ? first : composed);
      const state = await stateOf(collection, draft, compared);
      return { draft, stored, compared, state, decks: await decksOf(draft) };
    }),
  );
  const locations = await findLocations(
    collection,
    checks.map(({ compared }) => compared),
    strip,
  );
  return checks.map(({ draft, stored, compared, state, decks }) => {
    const type = Number(draft.note.notetypeId);
    const isDuplicate = locations
      .of(compared)
      .some(
        ({ type: otherType, deck }) =>
          (draft.options.checkAllModels || otherType === type) && (!decks || decks.has(deck)),
      );
    // A note with another problem is not checked for duplicates.
    const finalState = isDuplicate && state === noteState.normal ? noteState.duplicate : state;
    const reason = refusalReason(finalState, draft);
    if (isBatch && reason === undefined) locations.add(stored, type, draft.deckId);
    return reason;
  });
}
