import { expect, test } from 'vitest';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { addNotes, cardsIn, guardedServer, series, type UserReply } from '../../support/guarded-server.ts';

/** Adds a deck with reviewed cards to a guarded server. */
async function withReviewed(reply: UserReply | undefined, count: number) {
  const server = await guardedServer(reply, { backup: 'auto' });
  await addNotes(server.engine, 'D', series('n', count));
  const answers = (await cardsIn(server.engine, 'D')).map((cardId) => ({ cardId, ease: 4 as const }));
  await server.engine.call('answerCards', { answers });
  return server;
}

async function groupOf(engine: Engine, deck: string) {
  const group = await engine.call('getDeckConfig', { deck });
  if (group === false) throw new Error('no such deck');
  return group;
}

const retention = async (engine: Engine, deck = 'D') => (await groupOf(engine, deck))['desiredRetention'];

test('saveDeckConfig and deckOptions ask before they change the intervals of more than twenty reviewed cards', async () => {
  const { assistant, engine, questions } = await withReviewed('decline', 25);
  const config = { ...(await groupOf(engine, 'D')), desiredRetention: 0.7 };
  for (const [name, args] of [
    ['saveDeckConfig', { config }],
    ['multi', { actions: [{ action: 'saveDeckConfig', params: { config } }] }],
    ['deckOptions', { deck: 'D', shared: true, set: { desiredRetention: 0.7 } }],
  ] as const) {
    const { isError, text } = await assistant.call(name, args);
    expect([isError, text]).toEqual([true, expect.stringMatching(/nothing was changed/i)]);
  }
  expect(questions).toHaveLength(3);
  for (const question of questions)
    expect(question).toBe(
      'Calculate future intervals of 25 reviewed cards in 2 decks (D, Default) differently: change desiredRetention from 0.9 to 0.7?',
    );
  expect(await retention(engine)).toBe(0.9);
});

test('members that saveDeckConfig resets because they are left out count as changes', async () => {
  const { assistant, engine, questions } = await withReviewed('decline', 25);
  const group = await groupOf(engine, 'D');
  await engine.call('saveDeckConfig', { config: { ...group, desiredRetention: 0.8 } });
  const { id, name, maxTaken } = group;
  expect((await assistant.call('saveDeckConfig', { config: { id, name, maxTaken } })).isError).toBe(true);
  expect(questions).toEqual([expect.stringMatching(/^Calculate future intervals of 25 reviewed cards/)]);
});

test('limits per day, and options of few reviewed cards, are changed without a question', async () => {
  const many = await withReviewed('decline', 25);
  const config = { ...(await groupOf(many.engine, 'D')), maxTaken: 20 };
  await many.assistant.call('saveDeckConfig', { config });
  await many.assistant.call('deckOptions', { deck: 'D', set: { 'new.perDay': 5, 'rev.perDay': 50 } });
  const few = await withReviewed('decline', 20);
  await few.assistant.call('deckOptions', { deck: 'D', set: { desiredRetention: 0.85 } });
  expect([...many.questions, ...few.questions]).toEqual([]);
  expect((await groupOf(many.engine, 'D'))['maxTaken']).toBe(20);
  expect(await retention(few.engine)).toBe(0.85);
});

test('setDeckConfigId asks if the other group schedules many reviewed cards differently, and makes a backup', async () => {
  const { assistant, engine, questions, backups } = await withReviewed('accept', 25);
  await engine.call('createDeck', { deck: 'Other' });
  const configId = Number(await engine.call('cloneDeckConfigId', { name: 'Strict', cloneFrom: 1 }));
  await engine.call('setDeckConfigId', { decks: ['Other'], configId });
  await assistant.call('setDeckConfigId', { decks: ['D'], configId });
  await assistant.call('setDeckConfigId', { decks: ['D'], configId: 1 });
  expect(questions).toEqual([]);
  await engine.call('saveDeckConfig', {
    config: { ...(await groupOf(engine, 'Other')), desiredRetention: 0.95 },
  });
  await assistant.call('setDeckConfigId', { decks: ['D'], configId });
  expect(questions).toEqual([
    'Calculate future intervals of 25 reviewed cards in 1 deck (D) differently: use the deck options "Strict"?',
  ]);
  expect(backups()).toHaveLength(1);
  expect(await retention(engine)).toBe(0.95);
});

test('decks asks the same before it assigns such a preset', async () => {
  const { assistant, engine, questions } = await withReviewed('decline', 25);
  await engine.call('createDeck', { deck: 'Other' });
  const configId = Number(await engine.call('cloneDeckConfigId', { name: 'Strict', cloneFrom: 1 }));
  await engine.call('setDeckConfigId', { decks: ['Other'], configId });
  await engine.call('saveDeckConfig', {
    config: { ...(await groupOf(engine, 'Other')), desiredRetention: 0.95 },
  });
  const { isError } = await assistant.call('decks', { action: 'preset', deck: 'D', to: 'Strict' });
  expect(isError).toBe(true);
  expect(questions).toEqual([expect.stringMatching(/25 reviewed cards in 1 deck \(D\) .* "Strict"\?$/)]);
  expect(await retention(engine)).toBe(0.9);
});

test('insertReviews asks from 21 cards on, also in small calls, and makes a backup', async () => {
  const { assistant, engine, questions, backups } = await withReviewed('accept', 25);
  const cards = await cardsIn(engine, 'D');
  const rows = (from: number, to: number) =>
    cards
      .slice(from, to)
      .map((card, at) => [1_500_000_000_000 + from + at, card, -1, 3, 4, 1, 2500, 6157, 1]);
  await assistant.call('insertReviews', { reviews: rows(0, 10) });
  await assistant.call('insertReviews', { reviews: rows(10, 20) });
  expect(questions).toEqual([]);
  await assistant.call('insertReviews', { reviews: rows(20, 21) });
  expect(questions).toEqual([
    'Add 1 review to the history of 1 card, which counts in statistics and in FSRS and cannot be undone, after 20 other cards in this session?',
  ]);
  expect(backups()).toHaveLength(1);
  const repeated = await assistant.call('insertReviews', { reviews: rows(20, 22) });
  expect(repeated.isError).toBe(true);
  const log = Object.values(await engine.call('getReviewsOfCards', { cards }));
  expect(log.map((each) => each.length)).toEqual(cards.map((_, at) => (at < 21 ? 2 : 1)));
});
