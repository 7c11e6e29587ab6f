import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { desktop } from '../../../support/desktop.ts';
import { resultOf } from '../../../support/both-backends.ts';
import { collectionWithHistory, engineOn, turnOn, withHost } from '../../../support/review-history.ts';

const days = 60;

let engine: Engine;
/** What the engine itself returns for this collection. */
let expected: Awaited<ReturnType<typeof figures>>;

const figures = (path: string) =>
  withHost(path, async (host) => {
    await turnOn(host);
    const simulate = (desiredRetention: number, limit: number) =>
      host.call('simulate_fsrs_review', {
        params: [],
        desiredRetention,
        deckSize: 0,
        daysToSimulate: days,
        newLimit: Math.min(limit, 20),
        reviewLimit: limit,
        maxInterval: 36_500,
        search: 'deck:Default -is:suspended',
        newCardsIgnoreReviewLimit: true,
        easyDaysPercentages: [1, 1, 1, 1, 1, 1, 1],
        reviewOrder: 0,
        historicalRetention: 0.9,
        learningStepCount: 2,
        relearningStepCount: 1,
      });
    return {
      today: await simulate(0.9, 9999),
      often: await simulate(0.95, 9999),
      never: await simulate(0.9, 0),
      graphs: await host.call('graphs', { search: 'deck:Default', days: 365 }),
    };
  });

beforeAll(async () => {
  const path = await collectionWithHistory({ reviewed: 300, unseen: 50 });
  expected = await figures(path);
  engine = engineOn(path);
});
afterAll(() => engine.close());

const fsrs = (args: object) => resultOf('fsrs', args, engine);
const simulate = (scenarios: readonly object[], more: object = {}) =>
  fsrs({ action: 'simulate', deck: 'Default', days, scenarios, ...more });
const average = (values: readonly number[]) =>
  values.reduce((total, value) => total + value, 0) / values.length;

test('state returns the memory states as the engine counts them', async () => {
  const { on, cards, presets } = await fsrs({ action: 'state', deck: 'Default' });
  expect(on).toBe(true);
  expect(presets).toMatchObject([
    { name: 'Default', decks: 1, desiredRetention: 0.9, parameters: 'defaults' },
  ]);
  const { average: recall = 0, sumByCard = 0 } = expected.graphs.retrievability ?? {};
  expect(cards).toMatchObject({
    found: 350,
    withMemoryState: 300,
    averageRecall: expect.closeTo(recall / 100, 3),
    remembered: Math.round(sumByCard),
  });
  const { cards: few } = await fsrs({ action: 'state', query: 'prop:s<10' });
  expect(few).toMatchObject({ found: (await engine.call('findCards', { query: 'prop:s<10' })).length });
});

test('state lists the cards with the lowest recall, and explains a wrong search', async () => {
  const { cards } = await fsrs({ action: 'state' });
  const lowest = await engine.call('findCards', { query: 'prop:r<0.71' });
  expect(JSON.stringify(cards)).toContain(`"cardId":${lowest[0] ?? 'none'}`);
  await expect(fsrs({ action: 'state', query: '(' })).rejects.toThrow(/Anki's search syntax/);
});

test('simulate returns the figures of the engine for today and for each scenario', async () => {
  const { today, scenarios } = await simulate([{ retention: 0.95 }, {}]);
  const seconds = (reply: typeof expected.today) => average(reply.dailyTimeCost) / 60;
  expect(today).toMatchObject({
    newPerDay: 20,
    retention: 0.9,
    reviewsPerDay: expect.closeTo(average(expected.today.dailyReviewCount), 1),
    minutesPerDay: expect.closeTo(seconds(expected.today), 1),
    newCardsLearned: 50,
    remembered: { last: Math.round(expected.today.accumulatedKnowledgeAcquisition.at(-1) ?? 0) },
  });
  expect(scenarios).toMatchObject([
    {
      scenario: '1: 95 % retention',
      reviewsPerDay: expect.closeTo(average(expected.often.dailyReviewCount), 1),
      compared: { minutesPerDay: expect.closeTo(seconds(expected.often) - seconds(expected.today), 1) },
    },
    { scenario: '2: no change', compared: { reviewsPerDay: 0, minutesPerDay: 0, remembered: 0 } },
  ]);
});

test('days off begin today: nothing is studied, memory declines as without reviews, and then it goes on', async () => {
  const result = await engine.operate('simulateReviews', {
    deckId: 1,
    search: 'deck:Default -is:suspended',
    days: 20,
    reviewLimit: 9999,
    extraCards: 0,
    daysOff: 14,
  });
  expect(result.reviews.slice(0, 14)).toEqual(Array.from({ length: 14 }, () => 0));
  const declining = expected.never.accumulatedKnowledgeAcquisition;
  expect(result.remembered.slice(0, 14)).toEqual(
    declining.slice(0, 14).map((each) => expect.closeTo(each, 2)),
  );
  // The cards that came due meanwhile wait on the first day.
  expect(result.reviews[14]).toBeGreaterThan(Math.max(...expected.today.dailyReviewCount.slice(0, 14)));
  expect(result.remembered).toHaveLength(20);
  const { scenarios, notes } = await simulate([{ daysOff: 60 }]);
  expect(scenarios).toMatchObject([{ reviewsPerDay: 0, newCardsLearned: 0 }]);
  expect(JSON.stringify(notes)).toContain('Days off begin today');
});

test('simulate changes nothing, keeps the undo list, and draws a chart', async () => {
  await engine.call('addTags', { notes: await engine.call('findNotes', { query: 'front' }), tags: 'x' });
  const undo = await engine.operate('undoStatus', {});
  const ids = await engine.call('findCards', { query: 'deck:Default' });
  const dump = () => engine.call('cardsInfo', { cards: ids });
  const before = await dump();
  const { chart } = await simulate([{ daysOff: 7 }, { newPerDay: 5 }]);
  expect(await dump()).toEqual(before);
  expect(await engine.operate('undoStatus', {})).toEqual(undo);
  expect(String(chart).split('\n')).toHaveLength(4);
});

test('simulate says what limits its figures', async () => {
  const { notes } = await simulate([{ newPerDay: 25 }, { newPerDay: 25, extraCards: 2000 }]);
  const text = JSON.stringify(notes);
  expect(text).toContain('the deck has 50');
  expect(text).toContain('New cards run out (today; 1: 25 new a day)');
  expect(text).toContain('default parameters');
});

test.each([
  [{ scenarios: [{ retention: 1.5 }] }, /retention must be from 0.7 to 0.99, not 1.5/],
  [{ deck: 'Defualt' }, /Did you mean "Default"/],
  [{ days: 1_000_000 }, /days must be from 1 to 36500/],
  [{ scenarios: [{ extraCards: 1_000_000 }] }, /take too long. Use at most 49 days/],
])('simulate refuses %j with a sentence that says what to do', async (args, message) => {
  await expect(simulate([], args)).rejects.toThrow(message);
});

test('a filtered deck is refused, because it has no preset', async () => {
  const create = { action: 'create', deck: 'Special', searches: [{ search: 'prop:r<0.9' }] };
  await resultOf('filteredDeck', create, engine);
  for (const action of ['state', 'simulate', 'optimize'])
    await expect(fsrs({ action, deck: 'Special' })).rejects.toThrow(/filtered deck, which has no preset/);
  await resultOf('filteredDeck', { action: 'delete', deck: 'Special' }, engine);
});

test('a desktop gets a sentence that says what to do', async () => {
  const { backend, close } = await desktop(engine);
  await expect(resultOf('fsrs', { action: 'state' }, backend)).rejects.toThrow(
    /Close Anki and repeat the call/,
  );
  await close();
});
