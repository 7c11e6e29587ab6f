import { createHash } from 'node:crypto';
import type { Collection } from '../session/collection.ts';
import { findDeck } from '../session/deck-name.ts';
import type { Draft } from './note-draft.ts';
import { once } from './once.ts';
import { text } from '../session/python.ts';
import type { Json } from '../../../lib/json.ts';

/** The answers of the engine's own check of a note. */
const fine = 0;
const empty = 1;
const duplicate = 2;
const missingCloze = 3;

/** Where a note is: its type, and the deck of one of its cards. */
interface Place {
  readonly type: number;
  readonly deck: number;
}

type Bare = (html: string) => Promise<string>;

/** The options ask for what the engine's own check does not look at; then clozes are not looked at either. */
const isScoped = ({ options }: Draft): boolean => options.inDeck || options.checkAllModels;

/** White space as the engine sees it, and as Python does. */
const isBlank = (given: string): boolean => /^\p{White_Space}*$/u.test(given);
const isBlankInPython = (given: string): boolean => /^[\p{White_Space}\x1c-\x1f]*$/u.test(given);

/** The number by which Anki finds first fields. */
const checksum = (bare: string): number => createHash('sha1').update(bare).digest().readUInt32BE();

/** A text without markup; the engine is asked only where there may be some. */
const strip = async (collection: Collection, html: string): Promise<string> =>
  /[<&]/.test(html) ? (await collection.call('strip_html', { text: html, mode: 1 })).val : html;

class Places {
  readonly #byText = new Map<string, Place[]>();

  at(bare: string): readonly Place[] {
    return this.#byText.get(bare) ?? [];
  }

  add(bare: string, type: Json | undefined, deck: Json | undefined): void {
    const there = this.#byText.get(bare) ?? [];
    there.push({ type: Number(type), deck: Number(deck) });
    this.#byText.set(bare, there);
  }
}

/** Where the collection has notes with these first fields: asked for all at once, and by the one quick index. */
async function existing(collection: Collection, firstFields: string[], bare: Bare): Promise<Places> {
  const rows = await collection.query(
    'select field_at_index(flds, 0), mid, did from notes n left join cards c on c.nid = n.id where csum in (select value from json_each(?))',
    JSON.stringify(firstFields.map(checksum)),
  );
  const places = new Places();
  for (const [field, type, deck] of rows) places.add(await bare(String(field)), type, deck);
  return places;
}

/** The decks in which a note of the same first field counts: any if undefined, none if there is no such deck. */
async function decksOf(
  collection: Collection,
  { deckId, options }: Draft,
): Promise<ReadonlySet<number> | undefined> {
  if (!options.inDeck) return undefined;
  const { deckName = null, checkChildren } = options;
  const did = deckName === null ? deckId : await findDeck(collection, text(deckName));
  if (did === undefined) return new Set();
  if (!checkChildren) return new Set([Number(did)]);
  const { entries } = await collection.call('get_deck_and_child_names', { did });
  return new Set(entries.map(({ id }) => Number(id)));
}

/** What the check of a draft finds, but for duplicates. */
async function stateOf(collection: Collection, draft: Draft, firstField: string): Promise<number> {
  const { fields } = draft.note;
  if (isScoped(draft)) return isBlankInPython(fields[0] ?? '') ? empty : fine;
  // The engine's check reads every note of the type, so it is left to the notes that need it.
  if (draft.isCloze || fields.some((field) => field.includes('{{c'))) {
    return (await collection.call('note_fields_check', draft.note)).state;
  }
  return isBlank(firstField) ? empty : fine;
}

function refusal(state: number, { options }: Draft): string | undefined {
  if (state === fine || (state === duplicate && options.allowDuplicate)) return undefined;
  if (state === empty) return 'cannot create note because it is empty';
  if (state === duplicate) return 'cannot create note because it is a duplicate';
  return 'cannot create note for unknown reason';
}

/** Why drafts may not be added, in their order. Those added `together` count for the ones after them as well. */
export async function refusals(
  collection: Collection,
  drafts: readonly Draft[],
  together: boolean,
): Promise<(string | undefined)[]> {
  const bare = once((html: string) => strip(collection, html));
  const checks = await Promise.all(
    drafts.map(async (draft) => {
      const [first = ''] = draft.note.fields;
      const composed = first.normalize('NFC');
      const stored = await bare(composed.replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, ''));
      // Anki composes letters before it compares; the add-on's own check does not.
      const compared = await bare(isScoped(draft) ? first : composed);
      const state = await stateOf(collection, draft, compared);
      return { draft, stored, compared, state, decks: await decksOf(collection, draft) };
    }),
  );
  const places = await existing(
    collection,
    checks.map(({ compared }) => compared),
    bare,
  );
  return checks.map(({ draft, stored, compared, state, decks }) => {
    const type = Number(draft.note.notetypeId);
    const isTwin = places
      .at(compared)
      .some(
        (place) => (draft.options.checkAllModels || place.type === type) && (!decks || decks.has(place.deck)),
      );
    const givesWay = state === fine || state === missingCloze;
    const reason = refusal(isTwin && givesWay ? duplicate : state, draft);
    if (together && reason === undefined) places.add(stored, type, draft.deckId);
    return reason;
  });
}
