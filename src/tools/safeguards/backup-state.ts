import type { Output } from '../../contract/index.ts';
import type { Json } from '../../lib/json.ts';
import { Unavailable } from '../../contract/errors.ts';
import { find } from '../search-ids.ts';
import { type Scan } from './scan.ts';

type Times = ReadonlyMap<number, number>;

interface OptionsGroup {
  readonly id: number | undefined;
  readonly mod: number | undefined;
}

/** Names and texts of a note type. */
export interface NoteTypeText {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly string[];
  readonly templates: readonly { readonly name: string; readonly Front: string; readonly Back: string }[];
  readonly css: string;
}

const string = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

export const textOf = ({ id, name, flds, tmpls, css }: Output<'findModelsById'>[number]): NoteTypeText => ({
  id,
  name,
  fields: flds.map((field) => field.name),
  templates: tmpls.map(({ name: template, qfmt, afmt }) => ({
    name: template,
    Front: string(qfmt),
    Back: string(afmt),
  })),
  css: string(css),
});

/** Modification times (epoch seconds) by id of what searches find. */
export interface State {
  readonly cards: Times;
  readonly notes: Times;
  /** All note types of the collection. */
  readonly noteTypes: Times;
  /** The note types themselves. */
  readonly typeTexts: readonly NoteTypeText[];
  /** Options groups by the names of the decks that use them. Filtered decks have none. */
  readonly options: ReadonlyMap<string, OptionsGroup>;
}

/** Reads the state of what the searches find; undefined if the add-on is too old to report it. */
export async function readState(searches: readonly string[], scan: Scan): Promise<State | undefined> {
  const { call } = scan;
  try {
    const [cardIds, noteIds, typeIds] = await Promise.all([
      find(scan, 'findCards', searches),
      find(scan, 'findNotes', searches),
      call('modelNamesAndIds', {}),
    ]);
    const [cards, notes, types, decks] = await Promise.all([
      call('cardsModTime', { cards: cardIds }),
      call('notesModTime', { notes: noteIds }),
      call('findModelsById', { modelIds: Object.values(typeIds) }),
      call('getDecks', { cards: cardIds }),
    ]);
    const names = Object.keys(decks);
    const groups = await Promise.all(names.map((deck) => call('getDeckConfig', { deck })));
    return {
      cards: timesOf(cards.map(({ cardId, mod }) => [cardId, mod])),
      notes: timesOf(notes.map(({ noteId, mod }) => [noteId, mod])),
      noteTypes: timesOf(types.map(({ id, mod }) => [id, mod])),
      typeTexts: types.map(textOf),
      options: new Map(groups.map((group, index) => [names[index] ?? '', optionsGroup(group)])),
    };
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}

function optionsGroup(group: Output<'getDeckConfig'>): OptionsGroup {
  if (group === false || Boolean(group['dyn'])) return { id: undefined, mod: undefined };
  return { id: group.id, mod: Number(group['mod']) };
}

/** Returns the pairs of which both parts are known. */
const timesOf = (pairs: readonly (readonly [unknown, unknown])[]): Times =>
  new Map(
    pairs.flatMap(([id, mod]) => (typeof id === 'number' && typeof mod === 'number' ? [[id, mod]] : [])),
  );

/** Returns true if everything of `state` is in `backup` with the same modification time. */
export const contains = (backup: State, state: State): boolean =>
  isWithin(state.cards, backup.cards) &&
  isWithin(state.notes, backup.notes) &&
  isWithin(state.noteTypes, backup.noteTypes) &&
  [...state.options].every(([deck, { id, mod }]) => {
    const saved = backup.options.get(deck);
    return saved !== undefined && saved.id === id && saved.mod === mod;
  });

function isWithin(part: Times, all: Times): boolean {
  for (const [id, time] of part) if (all.get(id) !== time) return false;
  return true;
}

/** Returns true if something was changed in these seconds. */
export function wasChanged({ cards, notes, noteTypes }: State, from: number, to: number): boolean {
  for (const times of [cards, notes, noteTypes])
    for (const time of times.values()) if (time >= from && time <= to) return true;
  return false;
}

/** Returns the id of each deck's options group. */
export const optionsGroups = (state: State | undefined): readonly (readonly [string, number])[] =>
  [...(state?.options ?? [])].flatMap(([deck, { id }]) => (id === undefined ? [] : [[deck, id] as const]));
