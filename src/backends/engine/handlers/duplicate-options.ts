import { AnkiRefused } from '../../../contract/errors.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { typeName } from '../../../anki-connect/python.ts';
import { text } from '../session/python.ts';

type Value = Json | undefined;

/** Options of a new note about notes with the same first field. */
export interface DuplicateOptions {
  readonly allowDuplicate: boolean;
  /** Whether only notes in one deck count as duplicates. */
  readonly inDeck: boolean;
  /** Name of that deck, if it is not the note's own deck. */
  readonly deckName: string | undefined;
  readonly checkChildren: boolean;
  readonly checkAllModels: boolean;
}

/** Returns the members of an object. A string or list has none: Python's `in` finds no key in them. */
const membersOf = (value: Value): { readonly [key: string]: Value } => {
  if (isObject(value)) return value;
  if (value === undefined || typeof value === 'string' || Array.isArray(value)) return {};
  throw new AnkiRefused(`argument of type '${typeName(value)}' is not iterable`);
};

const booleanOption = (name: string, value: Value): boolean => {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new AnkiRefused(`option parameter "${name}" must be boolean`);
};

export function duplicateOptions(options: Value): DuplicateOptions {
  const { allowDuplicate, duplicateScope, duplicateScopeOptions } = membersOf(options);
  const { deckName, checkChildren, checkAllModels } = membersOf(duplicateScopeOptions);
  const inDeck = duplicateScope === 'deck';
  return {
    allowDuplicate: booleanOption('allowDuplicate', allowDuplicate),
    inDeck,
    deckName: inDeck && deckName !== null && deckName !== undefined ? text(deckName) : undefined,
    checkChildren: booleanOption('duplicateScopeOptions.checkChildren', checkChildren),
    checkAllModels: booleanOption('duplicateScopeOptions.checkAllModels', checkAllModels),
  };
}
