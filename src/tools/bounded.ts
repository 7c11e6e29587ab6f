import { actions, isActionName, type ActionName } from '../contract/index.ts';
import { isList, isObject, type Json } from '../lib/json.ts';
import { isPaged, isStyled, type ActionCall } from './action-call.ts';
import { withoutStyle } from './card-text/style.ts';
import { fitted } from './shortened.ts';
import { countWithin, maxResultBytes, sizeOf } from './size.ts';
import type { JsonResult } from './workflow.ts';

/** The result exceeds the limit. The message says which smaller call to make. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** Default maximum size of a result in bytes of JSON. */
export const defaultBudget = 16_000;

/** An action call with its byte limit. */
export interface PagedCall extends ActionCall {
  readonly budget: number;
}

/** Returns as much of Anki's result as the byte limit or an explicit limit allows. */
export function bounded(call: PagedCall, response: Json): JsonResult {
  const { name, budget } = call;
  const whole = name === 'multi' && Array.isArray(response) ? replies(call, response) : response;
  const result = call.bounds.css === false ? withoutCss(whole) : whole;
  if (isPaged(name) && typeof result === 'object' && result !== null) {
    return isList(result)
      ? cut(call, result, (items) => items)
      : cut(call, Object.entries(result).map(toPair), (pairs) => Object.fromEntries(pairs));
  }
  const bytes = sizeOf({ result });
  if (bytes <= budget) return { result };
  // A write has already run, so an error would be wrong.
  if (!actions[name].annotations.readOnlyHint) return { result: fitted(result, budget - frameBytes) };
  throw tooLarge(`The result of ${name}`, bytes, call);
}

/** Applies the paging options of each call of a batch to its reply. */
const replies = ({ children }: ActionCall, list: readonly Json[]): readonly Json[] =>
  list.map((reply, index) => {
    const child = children[index];
    if (!child || !isObject(reply) || reply['result'] === undefined) return reply;
    const { bounds } = child;
    const isBounded = Object.values(bounds).some((bound) => bound !== undefined);
    if (child.name !== 'multi' && !isBounded) return reply;
    return { ...reply, ...bounded({ ...child, budget: Infinity }, reply['result']) };
  });

const toPair = ([key, value]: [string, Json | undefined]): readonly [string, Json] => [key, value ?? null];

/** Bytes of a result around its items. */
const frameBytes = sizeOf({ result: [] });
/** Maximum bytes around the items of a cut result, with total, nextOffset and note. */
const cutFrameBytes = 300;

function cut<T extends Json>(
  call: PagedCall,
  all: readonly T[],
  toResult: (kept: readonly T[]) => Json,
): JsonResult {
  const { name, params, bounds } = call;
  const start = bounds.offset ?? 0;
  const maxBytes = maxBytesOf(call);
  const total = call.total ?? all.length;
  const wanted = call.total === undefined ? all.slice(start, start + (bounds.limit ?? total)) : all;
  const fits = countWithin(wanted, maxBytes - frameBytes) === wanted.length;
  if (fits && bounds.limit === undefined && bounds.offset === undefined) return { result: toResult(all) };
  const kept = fits ? wanted : wanted.slice(0, countWithin(wanted, maxBytes - cutFrameBytes));
  const next = start + kept.length;
  const rest = next < total;
  const repeatable = isRepeatable(name, params);
  const [first] = wanted;
  if (kept.length === 0 && first !== undefined && repeatable) {
    throw tooLarge(`Item ${start} of the result of ${name}`, sizeOf(first), call);
  }
  return {
    result: toResult(kept),
    total,
    ...(rest && repeatable && { nextOffset: next }),
    ...(rest &&
      !repeatable && {
        note: `${name} ran completely, but its result was cut. Do not repeat the call: that would run it again.`,
      }),
  };
}

/** Returns true if repeating the call for the next page has no further effect. */
function isRepeatable(name: ActionName, params: Json | undefined): boolean {
  if (name !== 'multi') return actions[name].annotations.idempotentHint;
  return actions.multi.input
    .parse(params)
    .actions.every(({ action }) => isActionName(action) && actions[action].annotations.readOnlyHint);
}

/** Alternatives that return less. */
const alternatives: Partial<Record<ActionName, string>> = {
  getCollectionStatsHTML: 'getNumCardsReviewedByDay, getDeckStats and getReviewsOfCards return the figures.',
  modelStyling: 'findModelsByName with limit: 1 returns the CSS too.',
};

/** Maximum bytes of a result. */
export const maxBytesOf = ({ bounds, budget }: PagedCall): number =>
  bounds.limit === undefined ? budget : maxResultBytes;

/** Returns the error with the size and the alternatives. */
function tooLarge(subject: string, bytes: number, call: PagedCall): TooLarge {
  const { name, bounds } = call;
  const needed = bytes + cutFrameBytes;
  const isPossible = needed <= maxResultBytes;
  const advice = [
    ...(isStyled(name) && bounds.css !== false ? ['Pass css: false to omit the CSS.'] : []),
    ...(isPaged(name) && bounds.limit === undefined && isPossible
      ? ['Pass a limit to receive up to 3 MB.']
      : []),
    alternatives[name] ??
      (isPossible
        ? `The user can raise the limit with --max-result ${Math.ceil(needed / 1000)}.`
        : 'This is more than any option allows: look at it in Anki.'),
  ];
  return new TooLarge(
    `${subject} is ${kilobytes(bytes)}; the limit is ${kilobytes(maxBytesOf(call))}. ${advice.join(' ')}`,
  );
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} KB`;

/** Removes the CSS of cards: the member, and the style element before both sides. */
export function withoutCss(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(withoutCss);
  const { css: _, ...rest } = value;
  const plain = (html: Json | undefined) => (typeof html === 'string' ? withoutStyle(html) : html);
  return {
    ...rest,
    ...('question' in rest && { question: plain(rest['question']) }),
    ...('answer' in rest && { answer: plain(rest['answer']) }),
  };
}
