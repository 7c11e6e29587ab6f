import { afterAll, beforeAll, expect, test } from 'vitest';
import { card } from '../../../../src/backends/engine/handlers/card.ts';
import { deck } from '../../../../src/backends/engine/handlers/deck.ts';
import { noteTag } from '../../../../src/backends/engine/handlers/note-tag.ts';
import { noteAdding } from '../../../../src/backends/engine/handlers/note-adding.ts';
import { messageOf } from '../../../../src/lib/error.ts';
import { printJson, type Json, type JsonObject } from '../../../../src/lib/json.ts';
import type { Session } from '../../../../src/backends/engine/session/session.ts';
import { oneByOne } from '../../../support/one-by-one.ts';
import { openSession } from '../../../support/open-session.ts';
import { seededRandom } from '../../../support/random.ts';

// Each action for many items is compared with the same action one by one, on the same collection.

let session: Session;
let close: () => Promise<void>;
let cards: readonly number[];
let notes: readonly number[];
const random = seededRandom(7);
const pick = <T>(items: readonly T[]): T => {
  const item = items[random(items.length)];
  if (item === undefined) throw new Error('The list is empty.');
  return item;
};
const tags = ['red', 'Red', 'blue', 'blue::sky', 'green', '$0', '(x|y)*', 'a.b', 's', 'S', 'ſ', 'K', 'ß-\\'];
const decks = ['One', 'One::Two', 'Three', '77', 'Default'];

beforeAll(async () => {
  ({ session, close } = await openSession());
  for (const name of decks) await deck.createDeck(session, { deck: name });
  const added = Array.from({ length: 120 }, (_, index) => ({
    deckName: pick(decks),
    modelName: pick(['Basic', 'Basic (and reversed card)']),
    fields: { Front: `front ${index}`, Back: 'b' },
    tags: [pick(tags), pick(tags)],
  }));
  notes = await noteAdding.addNotes(session, { notes: added });
  cards = (await session.query('select id from cards order by id')).map(([id]) => Number(id));
  for (const ease of [1, 2, 3, 4, 3, 1]) {
    const answers = some(cards, 60).map((cardId) => ({ cardId, ease }));
    await card.answerCards(session, { answers });
  }
  await card.setDueDate(session, { cards: some(cards, 40), days: '0-4' });
  await card.suspend(session, { cards: some(cards, 30) });
  await session.call('bury_or_suspend_cards', { cardIds: some(cards, 9).map(BigInt), noteIds: [], mode: 2 });
  await session.call('remove_notes', { noteIds: [BigInt(notes[5] ?? 0)], cardIds: [] });
});
afterAll(() => close());

/** Returns distinct items. */
const some = <T>(items: readonly T[], count: number): T[] => [
  ...new Set(Array.from({ length: count }, () => pick(items))),
];

/** Returns ids in any order: some doubled, some missing, some that are no ids. */
const mixed = (ids: readonly number[], odd: readonly Json[]): Json[] =>
  Array.from({ length: random(40) }, () => {
    const kind = random(40);
    if (kind === 0) return pick(odd);
    return kind < 3 ? 1000 + random(5) : pick(ids);
  });

/** Returns the result or the error. */
const outcome = (work: () => Promise<Json>): Promise<Json> =>
  work().catch((error: unknown) => ({ error: messageOf(error) }));

const oddIds = [0, null, -5, 12.5, '77', true, 2 ** 53, 9007199254740993n, 'a'];
const rounds = 60;

const reads = {
  areSuspended: () => ({ cards: mixed(cards, oddIds) }),
  getEaseFactors: () => ({ cards: mixed(cards, oddIds) }),
  areDue: () => ({
    cards: mixed(cards, random(2) ? oddIds : cards).filter(
      (id) => random(3) > 0 || cards.includes(Number(id)),
    ),
  }),
  getIntervals: () => ({ cards: mixed(cards, oddIds), complete: random(2) === 0 }),
  getDecks: () => ({ cards: mixed(cards, oddIds) }),
} satisfies Partial<Record<keyof typeof oneByOne, () => JsonObject>>;

test.each(['areSuspended', 'getEaseFactors', 'areDue', 'getIntervals', 'getDecks'] as const)(
  '%s of many cards returns what it returns one by one',
  async (name) => {
    const handler = { ...card, ...deck }[name];
    for (let round = 0; round < rounds; round++) {
      const params = reads[name]();
      const expected = await outcome(() => oneByOne[name](session, params));
      const found = await outcome(() => handler(session, params));
      expect(JSON.stringify(found), printJson(params, 'digits')).toBe(JSON.stringify(expected));
    }
  },
);

/** Returns the tables that a write changes, without times of the moment. */
async function tables(): Promise<Json> {
  const of = (sql: string) => session.query(sql);
  return [
    await of(`select id, did, type, queue, case queue when 1 then 0 else due end, ivl, factor, reps, lapses, left,
      odue, odid, flags, json_remove(data, '$.lrt') from cards order by id`),
    await of('select id, tags, flds, mid, guid, csum, sfld, flags, data from notes order by id'),
    await of('select cid, ease, ivl, lastIvl, factor, time, type from revlog order by id'),
  ];
}

const writes = {
  suspend: () => ({ cards: mixed(cards, oddIds), suspend: random(3) > 0 }),
  answerCards: () => {
    const eases = random(2) ? [1 + random(4)] : [1, 2, 3, 4];
    const ease = () => (random(60) === 0 ? pick([0, 5, 2.5]) : pick(eases));
    return { answers: mixed(cards, [0, 1]).map((cardId) => ({ cardId, ease: ease() })) };
  },
  replaceTags: () => ({
    notes: mixed(notes, [0, null, -5]),
    tag_to_replace: pick([...tags, 'GREEN', 'sk.', '']),
    replace_with_tag: pick([
      ...tags,
      'new tag',
      '',
      'a::::b',
      '$0',
      '\\',
      'c\u3000d',
      'GREEN',
      '(x|y)*',
      'ſ',
    ]),
  }),
} satisfies Partial<Record<keyof typeof oneByOne, () => JsonObject>>;

test.each(['suspend', 'answerCards', 'replaceTags'] as const)(
  '%s of many items changes what it changes one by one',
  async (name) => {
    const handler = { ...card, ...noteTag }[name];
    for (let round = 0; round < rounds; round++) {
      const params = writes[name]();
      const before = await tables();
      const outcomes: Json[] = [];
      for (const run of [oneByOne[name], handler]) {
        const work = () => session.undoSteps.action(name, undefined, async () => run(session, params));
        const result = await outcome(work);
        outcomes.push([result, await tables()]);
        if (JSON.stringify(await tables()) !== JSON.stringify(before)) await session.undoSteps.undo();
        expect(await tables()).toEqual(before);
      }
      const [expected, found] = outcomes;
      expect(found, printJson(params, 'digits')).toEqual(expected);
    }
  },
);

test('getDeckStats returns the decks that it finds one by one, in any letter case', async () => {
  for (const names of [['One'], ['one', 'ONE::two', 'One'], decks, [...decks, '77', 'three']]) {
    const expected = await oneByOne.getDeckStats(session, { decks: names });
    const stats = await deck.getDeckStats(session, { decks: names });
    expect(Object.keys(stats).toSorted()).toEqual([...new Set(expected)].toSorted());
  }
});

test('answers of equal ratings are logged one after the other', async () => {
  const answers = some(cards.slice(20), 50).map((cardId) => ({ cardId, ease: 3 }));
  const [[from = 0] = []] = await session.query('select max(id) from revlog');
  expect(await card.answerCards(session, { answers })).toEqual(answers.map(() => true));
  const rows = await session.query('select cid from revlog where id > ? order by id', from);
  expect(rows.map(([cid]) => cid)).toEqual(answers.map(({ cardId }) => cardId));
});
