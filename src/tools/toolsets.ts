import { own } from '../lib/json.ts';
import { nearest } from '../lib/nearest.ts';

/** Tools to make, find, repair and study cards, for clients with a small tool limit. */
export const core: readonly string[] = [
  'overview',
  'searchNotes',
  'viewCards',
  'saveNotes',
  'study',
  'insights',
  'addTags',
  'changeDeck',
  'createDeck',
  'deckNames',
  'deleteNotes',
  'findCards',
  'backups',
  'findNotes',
  'guiUndo',
  'modelFieldNames',
  'modelNames',
  'notesInfo',
  'removeTags',
  'setDueDate',
  'storeMediaFile',
  'suspend',
  'sync',
  'updateNote',
];

interface Tool {
  readonly name: string;
  readonly annotations: { readonly readOnlyHint: boolean };
}

export interface Choice {
  readonly toolsets?: readonly string[] | undefined;
  readonly tools?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly readOnly: boolean;
}

/** Tool names by toolset. The caller adds `all` and the categories. */
export type Toolsets = Readonly<Record<string, readonly string[]>>;

/** Returns the chosen tools: toolsets plus single tools, minus excluded ones; read-only overrides all. Throws UnknownName. */
export function chooseTools<T extends Tool>(all: readonly T[], sets: Toolsets, choice: Choice): T[] {
  const known = all.map(({ name }) => name);
  const { toolsets = choice.tools ? [] : ['all'], tools = [], exclude = [] } = choice;
  const wanted = new Set([...toolsets.flatMap((name) => lookUp(name, sets)), ...tools]);
  for (const name of [...tools, ...exclude]) if (!known.includes(name)) throw unknown('tool', name, known);
  return all.filter(
    ({ name, annotations }) =>
      wanted.has(name) && !exclude.includes(name) && (annotations.readOnlyHint || !choice.readOnly),
  );
}

function lookUp(name: string, sets: Toolsets): readonly string[] {
  const found = own(sets, name);
  if (!found) throw unknown('toolset', name, Object.keys(sets));
  return found;
}

/** A tool or toolset that does not exist. */
export class UnknownName extends Error {
  override readonly name = 'UnknownName';
}

function unknown(kind: 'tool' | 'toolset', name: string, known: readonly string[]): UnknownName {
  const similar = nearest(name, known);
  return new UnknownName(
    `unknown ${kind} "${name}"${similar === undefined ? '' : `; did you mean "${similar}"?`}`,
  );
}
