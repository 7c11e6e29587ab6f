import { AnkiRefused } from '../../../contract/errors.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { typeName } from '../../../anki-connect/python.ts';

type Value = Json | undefined;

/** What a note to be added says of notes with the same first field. */
export interface DuplicateOptions {
  readonly allowDuplicate: boolean;
  /** Only those of a deck count. */
  readonly inDeck: boolean;
  /** That deck, where it is not the one the note is for. */
  readonly deckName: Value;
  readonly checkChildren: boolean;
  readonly checkAllModels: boolean;
}

/** A text or a list counts as an object without members: Python's `in` finds none there. */
const members = (given: Value): { readonly [key: string]: Value } => {
  if (isObject(given)) return given;
  if (given === undefined || typeof given === 'string' || Array.isArray(given)) return {};
  throw new AnkiRefused(`argument of type '${typeName(given)}' is not iterable`);
};

const flag = (name: string, given: Value): boolean => {
  if (given === undefined || typeof given === 'boolean') return given ?? false;
  throw new AnkiRefused(`option parameter "${name}" must be boolean`);
};

export function duplicateOptions(given: Value): DuplicateOptions {
  const { allowDuplicate, duplicateScope, duplicateScopeOptions } = members(given);
  const { deckName, checkChildren, checkAllModels } = members(duplicateScopeOptions);
  return {
    allowDuplicate: flag('allowDuplicate', allowDuplicate),
    inDeck: duplicateScope === 'deck',
    deckName,
    checkChildren: flag('duplicateScopeOptions.checkChildren', checkChildren),
    checkAllModels: flag('duplicateScopeOptions.checkAllModels', checkAllModels),
  };
}
