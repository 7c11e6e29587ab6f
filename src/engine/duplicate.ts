import { createHash } from 'node:crypto';
import type { Json } from '../action.ts';
import { AnkiRefused } from '../errors.ts';
import type { Collection } from './collection.ts';
import { findDeck } from './deck.ts';
import type { Draft } from './note-draft.ts';
import { isObject, text, typeName } from './python.ts';

type Value = Json | undefined;

export interface DuplicateOptions {
  readonly allowDuplicate: boolean;
  readonly inDeck: boolean;
  /** The deck to look in, instead of the one the note is for. */
  readonly deckName: Value;
  readonly checkChildren: boolean;
  readonly checkAllModels: boolean;
}

/** What Python's `in` finds no name in counts as an object without members. */
const members = (given: Value): { readonly [key: string]: Value } => {
  if (isObject(given)) return given;
  if (given === undefined || typeof given === 'string' || Array.isArray(given)) return {};
  throw new AnkiRefused(`argument of type '${typeName(given)}' is not iterable`);
};

const flag = (name: string, given: Value): boolean => {
  if (given === undefined) return false;
  if (typeof given === 'boolean') return given;
  throw new AnkiRefused(`option parameter "${name}" must be boolean`);
};

export function duplicateOptions(given: Value): DuplicateOptions {
  const { allowDuplicate, duplicateScope, duplicateScopeOptions } = members(given);
  const allows = flag('allowDuplicate', allowDuplicate);
  const { deckName, checkChildren, checkAllModels } = members(duplicateScopeOptions);
  return {
    allowDuplicate: allows,
    inDeck: duplicateScope === 'deck',
    deckName,
    checkChildren: flag('duplicateScopeOptions.checkChildren', checkChildren),
    checkAllModels: flag('duplicateScopeOptions.checkAllModels', checkAllModels),
  };
}

/** What the engine's own check answers. */
const fine = 0;
const empty = 1;
const duplicate = 2;
const foreignCloze = 5;

/** Where a note with a certain first field is: its note type, and the decks of its cards. */
interface Place {
  readonly type: number;
  readonly deck: number;
}
type Places = Map<string | number, Place[]>;

const put = (places: Places, key: string | number, place: Place): void => {
  const there = places.get(key);
  if (there) there.push(place);
  else places.set(key, [place]);
};

const first = ({ note }: Draft): string => note.fields[0] ?? '';

/** The options ask for what the engine's own check does not look at. */
const isScoped = ({ options }: Draft): boolean => options.inDeck || options.checkAllModels;

/** A text without markup. The engine is asked only where there may be some. */
const bare = async (collection: Collection, html: string): Promise<string> =>
  /[<&]/.test(html) ? (await collection.call('strip_html', { text: html, mode: 1 })).val : html;

/** Anki's own index of first fields. */
const checksum = (text: string): number => createHash('sha1').update(text).digest().readUInt32BE();

/** Python's white space, which JavaScript's differs from in a few signs. */
const isBlank = (text: string): boolean => !/[^\s\x1c-\x1f\x85]|\ufeff/.test(text);
