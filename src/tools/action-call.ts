import { z } from 'zod';
import { actions, isActionName, type ActionName, type Params } from '../contract/index.ts';
import { InvalidArguments, parseBy, unknownTool, type Names } from './arguments.ts';
import { pageOf, withFirstId } from './id-list.ts';

// refine() instead of min(), because a model reads every byte of the tool list.
export const limit = z.int().refine((count) => count > 0, 'expected at least 1');
export const offset = z.int().refine((count) => count >= 0, 'expected at least 0');
const page = { limit: limit.optional(), offset: offset.optional() };
const style = { css: z.boolean().optional() };
const boundsSchema = z.strictObject({ ...page, ...style });

type Bounds = z.output<typeof boundsSchema>;

const styled: ReadonlySet<ActionName> = new Set(['cardsInfo', 'guiCurrentCard']);

/** Returns true for actions that return the CSS of cards. */
export const isStyled = (name: ActionName): boolean => styled.has(name);

/** Returns true for lists and maps, which can be cut between two items. */
export const isPaged = (name: ActionName): boolean => {
  const { output } = actions[name];
  return output instanceof z.ZodArray || output instanceof z.ZodRecord;
};

/** Returns our own paging options of an action. They are never sent to Anki. */
const boundsOf = (name: ActionName) => ({ ...(isPaged(name) && page), ...(isStyled(name) && style) });

/** Actions whose result grows with the collection. Others accept the paging options too, but do not advertise them. */
const unbounded: ReadonlySet<string> = new Set<ActionName>([
  'cardReviews',
  'cardsInfo',
  'deckNames',
  'findCards',
  'findNotes',
  'getMediaFilesNames',
  'getNumCardsReviewedByDay',
  'getTags',
  'guiBrowse',
  'guiCurrentCard',
  'modelNames',
  'notesInfo',
]);

const extended = new Map<ActionName, z.ZodObject>();

/** Returns the schema of an action's arguments, paging options included. It is built once, because zod compiles it. */
function fullInput(name: ActionName): z.ZodObject {
  const { input }: { readonly input: z.ZodObject } = actions[name];
  const known = extended.get(name) ?? input.safeExtend(boundsOf(name));
  extended.set(name, known);
  return known;
}

/** Returns a tool's input schema as tools/list shows it. */
export const shownInput = (name: string, input: z.ZodObject): z.ZodObject =>
  isActionName(name) && unbounded.has(name) ? fullInput(name) : input;

/** A checked action call: Anki-Connect's parameters, and our paging options apart from them. */
export interface ActionCall<N extends ActionName = ActionName> {
  readonly name: N;
  readonly params: Params<N>;
  readonly bounds: Bounds;
  /** Length of the whole list of ids, if `params` contains only those of the wanted page. */
  readonly total?: number | undefined;
  /** The calls of a `multi`, in order. */
  readonly children: readonly ActionCall[];
}

/** Checks the arguments of an action, and those of each call of a `multi`. Only `allowed` actions are accepted. */
export function parseAction<N extends ActionName>(name: N, args: unknown, allowed: Names): ActionCall<N> {
  const names = boundsOf(name);
  const { args: shortened, putBack } = withFirstId(name, args);
  const parsed = Object.entries(putBack(parseBy(name, fullInput(name), shortened)));
  const part = (isPaging: boolean) =>
    Object.fromEntries(parsed.filter(([key]) => Object.hasOwn(names, key) === isPaging));
  const bounds = boundsSchema.parse(part(true));
  if (name !== 'multi') {
    const { params, total } = pageOf(name, castToParams<N>(part(false)), bounds);
    return { name, params: castToParams<N>(params), bounds, total, children: [] };
  }
  const calls = actions.multi.input.parse(part(false)).actions;
  const children = calls.map((child, index) => parseChild(child, index, allowed));
  const params = {
    actions: children.map((child) => ({ action: child.name, version: 6, params: child.params })),
  };
  return { name, params: castToParams<N>(params), bounds, children };
}

// The schema of this action parsed it, but the union of all schemas loses that.
const castToParams = <N extends ActionName>(parsed: object): Params<N> => parsed;

function parseChild(
  child: { readonly action: string; readonly params?: object | undefined },
  index: number,
  allowed: Names,
): ActionCall {
  const { action } = child;
  if (!isActionName(action) || !allowed.has(action)) {
    const problem = allowed.has(action)
      ? `"${action}" is a tool, but no action of Anki-Connect. Call it by itself. Nothing was sent to Anki.`
      : unknownTool(action, new Set([...allowed.keys()].filter((name) => isActionName(name))));
    throw new InvalidArguments(`actions[${index}]: ${problem}`);
  }
  try {
    return parseAction(action, child.params ?? {}, allowed);
  } catch (error) {
    if (error instanceof InvalidArguments) throw new InvalidArguments(`actions[${index}]: ${error.message}`);
    throw error;
  }
}
