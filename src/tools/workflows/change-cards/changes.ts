import type { JsonObject } from '../../../lib/json.ts';
import { inParts, type Step } from '../bulk/steps.ts';

/** One change of the found cards. */
export interface Change {
  readonly name: 'forget' | 'due' | 'position' | 'deck' | 'flag' | 'suspend';
  /** Search for the cards that are as wanted. */
  readonly wanted: string;
  /** Writes also cards that are as wanted already, because another change of the call may undo that. */
  readonly writesAll: boolean;
  /** Changes also cards that are as wanted already, such as a due date within a range. */
  readonly changesAll?: boolean;
  /** Cards that it applies to; undefined for all. */
  readonly only?: ReadonlySet<number>;
  readonly stepsFor: (cards: readonly number[]) => readonly Step[];
}

/** Cards per action: longer lists make Anki react late. */
const cardsPerAction = 5000;

/** Returns the steps of an action that takes a list of cards. */
const forLists =
  (action: 'forgetCards' | 'setDueDate' | 'changeDeck' | 'suspend' | 'unsuspend', params: JsonObject) =>
  (cards: readonly number[]): Step[] =>
    inParts(cards, cardsPerAction).map((part) => ({ action, params: { cards: part, ...params } }));

/** Returns the step that sets a column of one card, which is safe for flags and for the position of a new card. */
const setColumn = (card: number, key: 'flags' | 'due', value: number): Step => ({
  action: 'setSpecificValueOfCard',
  params: { card, keys: [key], newValues: [value] },
});

export const forget: Change = {
  name: 'forget',
  wanted: 'is:new',
  writesAll: false,
  stepsFor: forLists('forgetCards', {}),
};

/** `isSuspended`: a later change suspends the cards, whose due date no search finds then. */
export function due(days: string, isSuspended: boolean): Change {
  const [first = 0, last = first] = days.replace('!', '').split('-').map(Number);
  const [from, to] = [Math.min(first, last), Math.max(first, last)];
  return {
    name: 'due',
    wanted: isSuspended
      ? `((prop:due>=${from} prop:due<=${to}) or (is:suspended is:review))`
      : `prop:due>=${from} prop:due<=${to}`,
    writesAll: true,
    changesAll: true,
    stepsFor: forLists('setDueDate', { days }),
  };
}

/** `id` is undefined if the deck does not exist yet. */
export const toDeck = (deck: string, id: number | undefined): Change => ({
  name: 'deck',
  wanted: `did:${id ?? 0}`,
  writesAll: false,
  stepsFor: forLists('changeDeck', { deck }),
});

export const flag = (number: number): Change => ({
  name: 'flag',
  wanted: `flag:${number}`,
  writesAll: false,
  stepsFor: (cards) => cards.map((card) => setColumn(card, 'flags', number)),
});

/** `writesAll`: an earlier change of the same call unsuspends the cards. */
export const suspend = (isSuspended: boolean, writesAll: boolean): Change => ({
  name: 'suspend',
  wanted: isSuspended ? 'is:suspended' : '-is:suspended',
  writesAll,
  stepsFor: forLists(isSuspended ? 'suspend' : 'unsuspend', {}),
});

/** Gives each new card its position in the queue of new cards. */
export function position(positions: ReadonlyMap<number, number>): Change {
  const all = [...positions.values()];
  const [first, last] = [Math.min(...all), Math.max(...all)];
  return {
    name: 'position',
    wanted: positions.size > 0 ? `is:new prop:pos>=${first} prop:pos<=${last}` : 'cid:0',
    writesAll: true,
    changesAll: true,
    only: new Set(positions.keys()),
    stepsFor: (cards) =>
      cards.flatMap((card) => {
        const value = positions.get(card);
        return value === undefined ? [] : [setColumn(card, 'due', value)];
      }),
  };
}
