import { z } from 'zod';
import { actions, isActionName, type ActionName } from '../contract/index.ts';
import { parseBy } from './arguments.ts';
import { type Json, printJson } from '../lib/json.ts';
import type { Answer } from './workflow.ts';

/** The answer takes more than a reader wants: the message says which narrower call to make. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** Bytes of JSON, where nothing else is said. */
export const defaultBudget = 16_000;

/** What an explicit limit can bring, whatever the budget: it is sent twice, once as text, and clients take 10 MiB. */
const mostBytes = 3_000_000;

// Refined and not .min(): every byte of the list of tools is read by a model.
const limit = z.int().refine((count) => count > 0, 'expected at least 1');
const offset = z.int().refine((count) => count >= 0, 'expected at least 0');
const page = { limit: limit.optional(), offset: offset.optional() };
const style = { css: z.boolean().optional() };
const bounds = z.strictObject({ ...page, ...style });

type Bounds = z.output<typeof bounds>;

const styled: ReadonlySet<ActionName> = new Set(['cardsInfo', 'guiCurrentCard']);

/** Lists and maps: they can be cut between two members. */
const isPaged = (name: ActionName): boolean => {
  const { output } = actions[name];
  return output instanceof z.ZodArray || output instanceof z.ZodRecord;
};

/** Parameters that only assistants have. They bound the answer, and are never sent to Anki. */
const boundsOf = (name: ActionName) => ({ ...(isPaged(name) && page), ...(styled.has(name) && style) });

/** Where an answer grows with the collection: the others can be bounded as well, but few need it. */
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

/** A tool's parameters as assistants are shown them. */
export const shownInput = (name: string, input: z.ZodObject): z.ZodObject =>
  isActionName(name) && unbounded.has(name) ? input.safeExtend(boundsOf(name)) : input;

/** Parts what is given for Anki from what is given to bound its answer. */
export function takeBounds(name: ActionName, given: unknown): { own: unknown; bounds: Bounds } {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { own: given, bounds: {} };
  const names = boundsOf(name);
  const part = (taken: boolean) =>
    Object.fromEntries(Object.entries(given).filter(([key]) => Object.hasOwn(names, key) === taken));
  return { own: part(false), bounds: parseBy(name, bounds, part(true)) };
}

export interface Call {
  readonly name: ActionName;
  readonly params: { readonly [key: string]: Json | undefined };
  readonly bounds: Bounds;
  readonly budget: number;
}

/** Anki's answer, as much of it as the budget or an explicit limit allows. */
export function bounded(call: Call, answer: Json): Answer {
  const { name, budget } = call;
  const result = call.bounds.css === false ? withoutStyle(answer) : answer;
  if (isPaged(name) && typeof result === 'object' && result !== null) {
    return isList(result)
      ? cut(call, result, (items) => items)
      : cut(call, Object.entries(result).map(toPair), (pairs) => Object.fromEntries(pairs));
  }
  const bytes = sizeOf({ result });
  // What was changed has been changed, and its answer is no longer than what was sent.
  if (bytes <= budget || !actions[name].annotations.readOnlyHint) return { result };
  throw tooLarge(`The answer to ${name}`, bytes, call);
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value);
const toPair = ([key, value]: [string, Json | undefined]): readonly [string, Json] => [key, value ?? null];
const sizeOf = (value: Json): number => Buffer.byteLength(printJson(value, 'strings'));

const frame = sizeOf({ result: [] });
const frameOfCut = 300;

function cut<T extends Json>(call: Call, all: readonly T[], toResult: (kept: readonly T[]) => Json): Answer {
  const { name, params, budget, bounds: given } = call;
  const start = given.offset ?? 0;
  const most = given.limit === undefined ? budget : mostBytes;
  const wanted = all.slice(start, start + (given.limit ?? all.length));
  const fits = countWithin(wanted, most - frame) === wanted.length;
  if (fits && given.limit === undefined && given.offset === undefined) return { result: toResult(all) };
  const kept = fits ? wanted : wanted.slice(0, countWithin(wanted, most - frameOfCut));
  const next = start + kept.length;
  const rest = next < all.length;
  const repeatable = isRepeatable(name, params);
  const [first] = wanted;
  if (kept.length === 0 && first !== undefined && repeatable) {
    throw tooLarge(`Item ${start} alone of the answer to ${name}`, sizeOf(first), call);
  }
  return {
    result: toResult(kept),
    total: all.length,
    ...(rest && repeatable && { nextOffset: next }),
    ...(rest && !repeatable && { note: `${name} was carried out whole; to repeat it would do it again.` }),
  };
}

/** How many of the items, from the first on, go into so many bytes. */
function countWithin(items: readonly Json[], bytes: number): number {
  let left = bytes;
  const end = items.findIndex((item) => (left -= sizeOf(item) + 1) < 0);
  return end < 0 ? items.length : end;
}

/** Whether the call can be made again for the rest. */
function isRepeatable(name: ActionName, params: Json | undefined): boolean {
  if (name !== 'multi') return actions[name].annotations.idempotentHint;
  return actions.multi.input
    .parse(params)
    .actions.every(({ action }) => isActionName(action) && actions[action].annotations.readOnlyHint);
}

const narrower: Partial<Record<ActionName, string>> = {
  getCollectionStatsHTML: 'getNumCardsReviewedByDay, getDeckStats and getReviewsOfCards give the figures.',
  modelStyling: 'findModelsByName with limit: 1 has the CSS too.',
};

/** Says how large it is, and what to do instead. */
function tooLarge(what: string, bytes: number, { name, budget, bounds: given }: Call): TooLarge {
  const advice = [
    ...(styled.has(name) && given.css !== false ? ['css: false leaves the CSS out.'] : []),
    ...(isPaged(name) && given.limit === undefined ? ['limit: 1 lifts the bound.'] : []),
    narrower[name] ?? `--max-result ${Math.ceil(bytes / 1000) + 1} would let ankiwright send it.`,
  ];
  const most = kilobytes(given.limit === undefined ? budget : mostBytes);
  return new TooLarge(`${what} takes ${kilobytes(bytes)}, where ${most} is the most. ${advice.join(' ')}`);
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} KB`;

/** Cards without their CSS: the member, and what stands in front of both sides. */
function withoutStyle(answer: Json): Json {
  if (typeof answer !== 'object' || answer === null) return answer;
  if (isList(answer)) return answer.map(withoutStyle);
  const { css: _, ...rest } = answer;
  const plain = (html: Json | undefined) =>
    typeof html === 'string' ? html.replace(/<style\b[^>]*>.*?<\/style>/gis, '') : html;
  return {
    ...rest,
    ...('question' in rest && { question: plain(rest['question']) }),
    ...('answer' in rest && { answer: plain(rest['answer']) }),
  };
}
