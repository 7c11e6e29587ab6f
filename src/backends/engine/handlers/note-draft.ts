import { AnkiRefused } from '../../../contract/errors.ts';
import { attachFiles } from './attachment.ts';
import type { Collection } from '../session/collection.ts';
import { findDeck } from '../session/deck-name.ts';
import { duplicateOptions, type DuplicateOptions } from './duplicate-options.ts';
import { refuseOpenMarkup } from '../session/markup.ts';
import { noteTypeByName } from '../session/note-type.ts';
import { oncePerKey } from './once-per-key.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { member, notSubscriptable, str, text } from '../session/python.ts';
import { fillFields, lowerCase, tagList, type Note } from './stored-note.ts';

/** A note to add. Its attachments are already stored. It gets its guid when it is added. */
export interface Draft {
  readonly note: Omit<Note, 'guid'>;
  readonly deckId: bigint;
  readonly isCloze: boolean;
  readonly options: DuplicateOptions;
}

/** Returns the id of the deck with this name in any letter case. Throws if there is none. */
export async function requireDeck(collection: Collection, name: Json): Promise<bigint> {
  const found = await findDeck(collection, text(name ?? ''));
  if (found === undefined) throw new AnkiRefused(`deck was not found: ${str(name)}`);
  return found;
}

/** Returns a function that checks an unchecked note and makes a draft of it. It loads each deck and note type only once. */
export function noteReader(collection: Collection): (source: Json) => Promise<Draft> {
  const loadType = oncePerKey((name: Json) => noteTypeByName(collection, name));
  const loadDeck = oncePerKey((name: Json) => requireDeck(collection, name));

  return async (source) => {
    if (!isObject(source)) throw notSubscriptable(source);
    const found = loadType(member(source, 'modelName'));
    if (source['deckName'] !== undefined) loadDeck(source['deckName']).catch(() => {}); // at the same time; awaited below
    const type = await found;
    const deckId = await loadDeck(member(source, 'deckName'));
    // As on the desktop, findModelsByName returns this until the next reset.
    type['did'] = Number(deckId);
    const names = type.flds.map(({ name }) => name);
    const fields = names.map(() => '');
    const tags = tagList(source['tags']);
    fillFields(fields, names, member(source, 'fields'), lowerCase);
    refuseOpenMarkup(type, fields);
    await attachFiles(collection, source, names, fields);
    const note = { id: 0n, notetypeId: BigInt(type.id), mtimeSecs: 0, tags, fields };
    return { note, deckId, isCloze: type.type === 1, options: duplicateOptions(source['options']) };
  };
}
