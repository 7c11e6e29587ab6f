import type { z } from 'zod';
import type { Action } from './action.ts';
import * as card from './card.ts';
import * as deck from './deck.ts';
import * as gui from './gui.ts';
import * as media from './media.ts';
import * as misc from './misc.ts';
import * as model from './model.ts';
import * as note from './note.ts';
import * as statistic from './statistic.ts';
import type { Json } from '../lib/json.ts';

export const categories = { card, deck, gui, media, misc, model, note, statistic };

export const actions = {
  ...card,
  ...deck,
  ...gui,
  ...media,
  ...misc,
  ...model,
  ...note,
  ...statistic,
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof actions;
export type Input<N extends ActionName> = ReadonlyDeep<z.input<(typeof actions)[N]['input']>>;
export type Output<N extends ActionName> = Plain<z.output<(typeof actions)[N]['output']>>;

/** The same type, with readonly fields and arrays. */
export type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T;

/** The same type, with Json where the schema allows any value. */
export type Plain<T> = unknown extends T ? Json : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;

/** Unchecked parameters from the wire: the contract's names with any JSON value. */
export type Params<N extends ActionName> = { readonly [K in keyof Input<N>]?: Json };

export const isActionName = (name: string): name is ActionName => Object.hasOwn(actions, name);

/** Returns true if a release of Anki-Connect has the action. */
export const isReleased = (name: ActionName): boolean => {
  const { unreleased }: Action = actions[name];
  return unreleased !== true;
};

export const actionNames: readonly ActionName[] = Object.keys(actions).filter(isActionName).toSorted();
