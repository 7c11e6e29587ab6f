import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { idOrZero, member, shortId, type Id } from '../session/python.ts';
import type { Json } from '../../../lib/json.ts';
import { EngineError } from '../process/engine-error.ts';
import { inList, jsonList } from './id-list.ts';
import { ifFound } from './stored-card.ts';

/** Answers with one rating that follow each other, apart from missing cards: the position of each, and its card. */
interface Run {
  readonly rating: number;
  readonly cards: (readonly [position: number, cid: bigint])[];
}

/** Returns the rating of an answer. */
function ratingOf(answer: Json): number {
  const ease = member(answer, 'ease');
  const rating = typeof ease === 'number' || ease === true ? Number(ease) - 1 : -1;
  if (![0, 1, 2, 3].includes(rating)) throw new AnkiRefused('invalid ease');
  return rating;
}

/** Returns those of the cards that exist. An invalid answer ends the list: it is reported when its turn comes. */
async function existing(collection: Collection, answers: readonly Json[]): Promise<ReadonlySet<bigint>> {
  const wanted: Id[] = [];
  try {
    for (const answer of answers) wanted.push(shortId(idOrZero(member(answer, 'cardId'))));
  } catch (error) {
    if (!(error instanceof AnkiRefused)) throw error;
  }
  const rows = await collection.query(`select id from cards where id ${inList}`, jsonList(wanted));
  return new Set(rows.map(([card]) => idOrZero(card ?? 0)));
}

/** Answers one card. Returns false if it does not exist. */
async function answerOne(collection: Collection, cid: bigint, rating: number): Promise<boolean> {
  if (!(await ifFound(collection.call('get_scheduling_states', { cid })))) return false;
  // While a review queue exists, answer_card refuses every card except the first one.
  await collection.call('grade_now', { cardIds: [cid], rating });
  return true;
}

/** Yields the runs of a list. Throws for an invalid answer after it has yielded all before it. */
function* runsOf(answers: readonly Json[], exists: ReadonlySet<bigint>): Generator<Run> {
  let run: Run = { rating: 0, cards: [] };
  try {
    for (const [position, answer] of answers.entries()) {
      const cid = idOrZero(member(answer, 'cardId'));
      if (!exists.has(cid)) continue;
      const rating = ratingOf(answer);
      if (rating !== run.rating) {
        yield run;
        run = { rating, cards: [] };
      }
      run.cards.push([position, cid]);
    }
  } catch (error) {
    yield run;
    throw error;
  }
  yield run;
}

/** Answers the cards of a run in one call, in which the engine takes one after the other. Returns the positions of the answered ones. */
async function answerRun(collection: Collection, { rating, cards }: Run): Promise<number[]> {
  if (cards.length === 0) return [];
  try {
    await collection.call('grade_now', { cardIds: cards.map(([, cid]) => cid), rating });
    return cards.map(([position]) => position);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
  }
  // It refused one of the cards, and so changed none: one by one, those before it are answered.
  const answered: number[] = [];
  for (const [position, cid] of cards) {
    if (await answerOne(collection, cid, rating)) answered.push(position);
  }
  return answered;
}

/** Answers cards in this order, and returns for each whether it exists. Answers before an invalid one are kept. */
export async function answerInOrder(collection: Collection, answers: readonly Json[]): Promise<boolean[]> {
  const answered = new Set<number>();
  for (const run of runsOf(answers, await existing(collection, answers))) {
    for (const position of await answerRun(collection, run)) answered.add(position);
  }
  return answers.map((_, position) => answered.has(position));
}
