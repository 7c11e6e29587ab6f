import type { ActionName } from '../../../contract/index.ts';
import { OutcomeUnknown, Unreadable } from '../../../contract/errors.ts';
import { ids as idList } from '../../../contract/schemas.ts';
import type { Json, JsonObject } from '../../../lib/json.ts';
import { messageOf } from '../../../lib/error.ts';
import { find, withIds } from '../../search-ids.ts';
import type { Context } from '../../workflow.ts';
import { batch, resultOf } from '../../joined.ts';

/** One action within a batch. */
export interface Step {
  readonly action: ActionName;
  readonly params: JsonObject;
}

/** Ids that are written one by one in one request, so that Anki reacts in between. */
const writesPerRequest = 500;

/** Returns a list in parts of at most `size`. */
export const inParts = <T>(list: readonly T[], size = writesPerRequest): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, part) =>
    list.slice(part * size, (part + 1) * size),
  );

/** Cards or notes, and the searches for what they may be. */
export interface Question {
  readonly action: 'findCards' | 'findNotes';
  readonly ids: readonly number[];
  readonly conditions: readonly string[];
}

const searchesOf = ({ action, ids }: Question, condition: string): string[] =>
  withIds(action === 'findCards' ? 'cid:' : 'nid:', ids).map((search) => `${search} ${condition}`);

/** Returns the steps that read which of the ids meet each condition. */
export const stepsOf = (question: Question): Step[] =>
  question.conditions.flatMap((condition) =>
    searchesOf(question, condition).map((query) => ({ action: question.action, params: { query } })),
  );

/** Returns the ids that meet each condition, from the replies to these steps. */
export function answersIn(question: Question, replies: readonly Json[]): Set<number>[] {
  const width = searchesOf(question, '').length;
  return question.conditions.map((_, at) => {
    const part = replies.slice(at * width, (at + 1) * width);
    return new Set(part.flatMap((reply) => idList.parse(resultOf(question.action, reply))));
  });
}

/** Reads which of the ids meet each condition. */
export const ask = (context: Pick<Context, 'call'>, question: Question): Promise<Set<number>[]> =>
  Promise.all(
    question.conditions.map(
      async (condition) => new Set(await find(context, question.action, searchesOf(question, condition))),
    ),
  );

/** A write, and the number of ids that Anki writes one by one for it. */
export interface Write extends Step {
  readonly weight?: number;
}

export interface Outcome {
  readonly before: readonly ReadonlySet<number>[];
  readonly after: readonly ReadonlySet<number>[];
  /** Anki's error messages by action, each once. */
  readonly errors: readonly string[];
  /** Results of `reads`, which run after the writes. */
  readonly results: readonly Json[];
}

/**
 * Writes, and asks the question just before and after: in one request on the desktop, or in several of limited length.
 * Runs within asOneStep.
 */
export async function writeAndCompare(
  context: Context,
  question: Question,
  writes: readonly Write[],
  reads: readonly Step[] = [],
): Promise<Outcome> {
  const questions = stepsOf(question);
  const requests: Step[][] = [[...questions]];
  let weight = 0;
  for (const { weight: added = 1, ...step } of writes) {
    if (weight > 0 && weight + added > writesPerRequest) {
      requests.push([]);
      weight = 0;
    }
    requests.at(-1)?.push(step);
    weight += added;
  }
  requests.at(-1)?.push(...questions, ...reads);
  const replies = await send(context, requests);
  const end = questions.length + writes.length;
  const errors = writes.flatMap(({ action }, at) => {
    const error = errorOf(action, replies[questions.length + at]);
    return error === undefined ? [] : [`${action}: ${error}`];
  });
  return {
    before: answersIn(question, replies.slice(0, questions.length)),
    after: answersIn(question, replies.slice(end, end + questions.length)),
    errors: [...new Set(errors)],
    results: reads.map(({ action }, at) => resultOf(action, replies[end + questions.length + at])),
  };
}

async function send(context: Context, requests: readonly (readonly Step[])[]): Promise<Json[]> {
  try {
    const replies: Json[] = [];
    for (const steps of requests) replies.push(...(await batch(context, steps)));
    return replies;
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error;
    throw new OutcomeUnknown(
      `${error.message} To find out, repeat the call with dryRun: true, which counts what is as wanted already.`,
      { cause: error },
    );
  }
}

/** Returns the error of a write, if it has one. setSpecificValueOfCard reports it in its result. */
function errorOf(action: ActionName, reply: Json | undefined): string | undefined {
  try {
    const result = resultOf(action, reply);
    return action === 'setSpecificValueOfCard' && JSON.stringify(result) !== '[true]'
      ? JSON.stringify(result)
      : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return 'no reply, so it may or may not have been carried out';
    return messageOf(error);
  }
}
