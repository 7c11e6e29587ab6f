import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActionName } from '../../../../src/contract/index.ts';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import type { Json } from '../../../../src/lib/json.ts';

let engine: Engine;
let close: () => Promise<void>;
let cards: readonly number[];

const add = (fields: Record<string, string>) =>
  engine.call('addNote', { note: { deckName: 'Default', modelName: 'Basic', fields } });

const allCards = () => engine.call('findCards', { query: '' });

const schedule = async () => {
  const found = await engine.call('cardsInfo', { cards: await allCards() });
  return found.map(({ mod: _mod, nextReviews: _next, ...card }) => card);
};

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  for (const front of ['one', 'two', 'three']) await add({ Front: front });
  cards = await allCards();
});
afterEach(() => close());

const actions: readonly [ActionName, (ids: readonly number[]) => Record<string, Json>][] = [
  ['answerCards', (ids) => ({ answers: [...ids, 77].map((cardId) => ({ cardId, ease: 4 as const })) })],
  ['forgetCards', (ids) => ({ cards: ids })],
  ['relearnCards', (ids) => ({ cards: [...ids, 77] })],
  ['setDueDate', (ids) => ({ cards: ids, days: '3-9!' })],
  ['setEaseFactors', (ids) => ({ cards: ids, easeFactors: ids.map((_, index) => 1500 + index) })],
  ['suspend', (ids) => ({ cards: ids })],
];

test.each(actions)('%s of several cards is one undo step', async (name, paramsFor) => {
  await engine.call('setDueDate', { cards, days: '1' });
  const before = await schedule();
  await engine.call(name, paramsFor(cards));
  expect(await schedule()).not.toEqual(before);
  await engine.call('guiUndo', {});
  expect(await schedule()).toEqual(before);
});

test('answers before an invalid answer are kept, in one undo step', async () => {
  const before = await schedule();
  const answers = cards.map((cardId, index) => ({ cardId, ease: index < 2 ? 3 : 5 }));
  await expect(engine.request('answerCards', { answers })).rejects.toThrow('invalid ease');
  expect((await schedule()).map(({ reps }) => reps)).toEqual([1, 1, 0]);
  await engine.call('guiUndo', {});
  expect(await schedule()).toEqual(before);
});

test('answerCards accepts a card that is not first in the running review; after an undo it is shown', async () => {
  await engine.call('guiDeckReview', { name: 'Default' });
  const answers = cards.map((cardId) => ({ cardId, ease: 4 as const }));
  expect(await engine.call('answerCards', { answers: answers.slice(1) })).toEqual([true, true]);
  expect(await engine.call('answerCards', { answers: answers.slice(0, 1) })).toEqual([true]);
  await engine.call('guiUndo', {});
  await engine.call('guiDeckReview', { name: 'Default' });
  expect(await engine.call('guiCurrentCard', {})).toMatchObject({ cardId: cards[0] });
});

test('the sounds of the question keep their numbers in the answer', async () => {
  const note = await add({ Front: '[sound:a.mp3] and [sound:b.mp3]', Back: '[sound:c.mp3]' });
  const [info] = await engine.call('cardsInfo', {
    cards: await engine.call('findCards', { query: `nid:${note}` }),
  });
  expect(info?.question?.split('</style>')[1]).toBe('[anki:play:q:0] and [anki:play:q:1]');
  expect(info?.answer?.split('</style>')[1]).toBe(
    '[anki:play:q:0] and [anki:play:q:1]\n\n<hr id=answer>\n\n[anki:play:a:0]',
  );
});

test('LaTeX becomes a link to its image, with a notice if the image is missing', async () => {
  const note = await add({ Front: '[$]x^2[/$]' });
  const ids = await engine.call('findCards', { query: `nid:${note}` });
  const question = async () => (await engine.call('cardsInfo', { cards: ids }))[0]?.question ?? '';
  const notice = 'LaTeX image generation is disabled in the preferences.';

  const withoutImage = await question();
  const image = /<img class=latex [^>]*src="([^"]+)"/.exec(withoutImage)?.[1] ?? '';
  expect(withoutImage).toMatch(new RegExp(`>${notice}$`));

  await engine.call('storeMediaFile', { filename: image, data: 'AAAA' });
  expect(`${await question()}${notice}`).toBe(withoutImage);
});

const invalidIds = ['1) or (1=1', '1 or deck:*', '0); drop table cards; --', { id: 1 }, [[1]]];
const actionsWithIds: readonly ActionName[] = [
  'areDue',
  'areSuspended',
  'cardsInfo',
  'cardsModTime',
  'cardsToNotes',
  'getEaseFactors',
  'getIntervals',
  'forgetCards',
  'relearnCards',
  'suspend',
  'unsuspend',
];

test.each(actionsWithIds)('%s refuses ids that are not integers and changes nothing', async (name) => {
  await engine.call('setDueDate', { cards, days: '1' });
  const before = await schedule();
  for (const id of invalidIds) await expect(engine.request(name, { cards: [id] })).rejects.toThrow(/integer/);
  expect(await schedule()).toEqual(before);
});

test('getReviewsOfCards finds no reviews for text other than digits, and refuses objects', async () => {
  expect(await engine.request('getReviewsOfCards', { cards: ['1) or (1=1'] })).toEqual({ '1) or (1=1': [] });
  await expect(engine.request('getReviewsOfCards', { cards: [{ id: 1 }] })).rejects.toThrow(/SqlValue/);
});

test('insertReviews inserts nothing if one review is not a list of nine integers', async () => {
  const review = (id: Json, type: Json = 1) => [id, cards[0] ?? 0, -1, 3, 4, 1, 2500, 6157, type];
  const invalid: [Json, RegExp][] = [
    [review('1st'), /nine integers.*"1st"/],
    [review(2.5), /nine integers.*"2\.5"/],
    [review(3, '1); delete from cards'), /nine integers.*"1\); delete from cards"/],
    [review(4, null), /nine integers.*"None"/],
    [[5], /same number of terms/],
    [6, /'int' object is not iterable/],
  ];
  for (const [bad, message] of invalid)
    await expect(engine.request('insertReviews', { reviews: [review(1), bad] })).rejects.toThrow(message);
  expect(await engine.call('getLatestReviewID', { deck: 'Default' })).toBe(0);
  expect(await allCards()).toEqual(cards);
});

test('the statistics page loads nothing from elsewhere and escapes the deck name', async () => {
  const name = 'a <b>"bold"</b> & deck';
  await engine.call('createDeck', { deck: name });
  await engine.call('guiDeckOverview', { name });
  const collectionPage = await engine.call('getCollectionStatsHTML', {});
  const deckPage = await engine.call('getCollectionStatsHTML', { wholeCollection: false });
  expect(collectionPage).toContain('<svg');
  expect(collectionPage).not.toMatch(/<script|https?:|NaN|undefined/);
  expect(deckPage).toContain('<h1>a &lt;b&gt;&quot;bold&quot;&lt;/b&gt; &amp; deck</h1>');
  expect(deckPage).not.toContain('<svg');
});

test('changeDeck takes a card twice, as the add-on does', async () => {
  const [card = 0] = cards;
  expect(await engine.call('changeDeck', { cards: [card, card], deck: 'Other' })).toBeNull();
  expect(await engine.call('getDecks', { cards: [card] })).toEqual({ Other: [card] });
});

const refusesDoubles: readonly [ActionName, (id: number) => Record<string, Json>][] = [
  ['setDueDate', (id) => ({ cards: [id, id], days: '1' })],
  ['suspend', (id) => ({ cards: [id, id] })],
  ['addTags', (id) => ({ notes: [id, id], tags: 'a' })],
  ['removeTags', (id) => ({ notes: [id, id], tags: 'a' })],
];

test.each(refusesDoubles)(
  '%s refuses an id that is listed twice, as Anki does, and says why',
  async (name, paramsFor) => {
    const [card = 0] = cards;
    const [note = 0] = await engine.call('cardsToNotes', { cards: [card] });
    const before = [await schedule(), await engine.call('notesInfo', { query: '' })];
    const id = name.endsWith('Tags') ? note : card;
    await expect(engine.request(name, paramsFor(id))).rejects.toThrow(
      /^An id is in the list twice.* Nothing was changed/,
    );
    expect([await schedule(), await engine.call('notesInfo', { query: '' })]).toEqual(before);
  },
);

const acceptsDoubles: readonly [ActionName, (id: number) => Record<string, Json>][] = [
  ['unsuspend', (id) => ({ cards: [id, id] })],
  ['forgetCards', (id) => ({ cards: [id, id] })],
  ['relearnCards', (id) => ({ cards: [id, id] })],
  ['setEaseFactors', (id) => ({ cards: [id, id], easeFactors: [2000, 2100] })],
  [
    'answerCards',
    (id) => ({
      answers: [
        { cardId: id, ease: 3 },
        { cardId: id, ease: 3 },
      ],
    }),
  ],
  ['areDue', (id) => ({ cards: [id, id] })],
  ['getDecks', (id) => ({ cards: [id, id] })],
  ['cardsInfo', (id) => ({ cards: [id, id] })],
];

test.each(acceptsDoubles)('%s takes a card twice', async (name, paramsFor) => {
  const [card = 0] = cards;
  await engine.request('setDueDate', { cards: [card], days: '1' });
  await engine.request('answerCards', { answers: [{ cardId: card, ease: 3 }] });
  await expect(engine.request(name, paramsFor(card))).resolves.not.toThrow();
});

test.each(['front:', '', 'tag:', 'deck:'])(
  'a search that is too long for Anki is explained: %s',
  async (prefix) => {
    const query = `${prefix}${'*'.repeat(60_000)}x`;
    await expect(engine.call('findCards', { query })).rejects.toThrow(/^A term of this search is too long/);
  },
);

test.each(['areDue', 'getIntervals', 'cardsInfo'] as const)(
  '%s writes nothing to the collection',
  async (name) => {
    const { engine: other, close: closeOther } = temporaryEngine();
    const note = await other.call('addNote', {
      note: { deckName: 'Default', modelName: 'Basic', fields: { Front: 'a' } },
    });
    const found = await other.call('findCards', { query: `nid:${note}` });
    await other.close();
    const before = configOf(other.place);
    await other.request(name, { cards: found });
    await other.call('findCards', { query: 'is:due' });
    await other.close();
    expect(configOf(other.place)).toEqual(before);
    await closeOther();
  },
);

/** Returns the settings in a collection file. */
function configOf(path: string): unknown {
  const read =
    'import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute("select key, hex(val) from config order by key").fetchall()))';
  return JSON.parse(execFileSync('python3', ['-c', read, path], { encoding: 'utf8' }));
}
