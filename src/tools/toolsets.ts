import { own } from '../lib/json.ts';
import { nearest } from '../lib/nearest.ts';

/** What making, finding, fixing and studying cards takes: for clients that cannot hold all tools. */
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

/** Toolset name -> tool names; `all` and the categories are added by the caller, who knows them. */
export type Toolsets = Readonly<Record<string, readonly string[]>>;

/** Filters in this order: toolsets, then single tools added, then those excluded, and read-only over everything. */
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

/** The name of a tool or toolset that does not exist. */
export class UnknownName extends Error {
  override readonly name = 'UnknownName';
}

function unknown(what: string, name: string, known: readonly string[]): UnknownName {
  const meant = nearest(name, known);
  return new UnknownName(
    `unknown ${what} "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
  );
}
