import { randomBytes } from 'node:crypto';
import { AnkiRefused } from '../../../contract/errors.ts';
import { attach } from './attachment.ts';
import type { Collection } from '../session/collection.ts';
import { findDeck } from '../session/deck-name.ts';
import { duplicateOptions, type DuplicateOptions } from './duplicate-options.ts';
import { noteTypeByName } from '../session/note-type.ts';
import { once } from './once.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { member, str, text } from '../session/python.ts';
import { fill, inAnyCase, tagList, type Note } from './stored-note.ts';

/** A note to be added, its attachments stored already. */
export interface Draft {
  readonly note: Note;
  readonly deckId: bigint;
  readonly isCloze: boolean;
  readonly options: DuplicateOptions;
}

/** 64 random bits, which tell notes apart across collections. */
const guid = (): string => randomBytes(8).toString('base64url');

async function existingDeck(collection: Collection, name: Json): Promise<bigint> {
  const found = await findDeck(collection, text(name));
  if (found === undefined) throw new AnkiRefused(`deck was not found: ${str(name)}`);
  return found;
}

/** Reads notes as they come over the wire. Names of decks and note types are looked up once for all of them. */
export function drafting(collection: Collection): (given: Json) => Promise<Draft> {
  const typeNamed = once((name: Json) => noteTypeByName(collection, name));
  const deckNamed = once((name: Json) => existingDeck(collection, name));

  return async (given) => {
    if (!isObject(given)) {
      throw new AnkiRefused(
        `A note must be an object with deckName, modelName and fields, not ${str(given)}.`,
      );
    }
    const type = await typeNamed(member(given, 'modelName'));
    const deckId = await deckNamed(member(given, 'deckName'));
    // Seen by findModelsByName until the next reset, as on the desktop.
    type['did'] = Number(deckId);
    const names = type.flds.map(({ name }) => name);
    const fields = names.map(() => '');
    const tags = tagList(given['tags']);
    fill(fields, names, member(given, 'fields'), inAnyCase);
    await attach(collection, given, names, fields);
    const note = { id: 0n, guid: guid(), notetypeId: BigInt(type.id), mtimeSecs: 0, tags, fields };
    return { note, deckId, isCloze: type.type === 1, options: duplicateOptions(given['options']) };
  };
}
