import { expect, onTestFinished, test } from 'vitest';
import { Assistant } from '../../../support/assistant.ts';
import { addNotes, overHttp } from '../../../support/guarded-server.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import type { Backend } from '../../../../src/contract/backend.ts';
import type { Engine } from '../../../../src/backends/engine/engine.ts';

type Connect = (engine: Engine) => Promise<Backend>;

const backends: [name: string, connect: Connect][] = [
  ['the engine', async (engine) => engine],
  ['the desktop', overHttp],
];

/** Connects two clients to one backend. Each has its own MCP session. */
async function twoClients(connect: Connect) {
  const { engine, close } = temporaryEngine();
  onTestFinished(close);
  await addNotes(engine, 'A', ['a one', 'a two']);
  await addNotes(engine, 'B', ['b one', 'b two']);
  const backend = await connect(engine);
  const client = async () => {
    const assistant = await Assistant.of(backend);
    onTestFinished(() => assistant.close());
    const study = (action: string, more: object = {}) => assistant.call('study', { action, ...more });
    return { study, close: () => assistant.close() };
  };
  const reviews = () => engine.call('getNumCardsReviewedToday', {});
  return { engine, first: await client(), second: await client(), reviews };
}

test.each(backends)('on %s, a second client cannot study while the first does', async (_, connect) => {
  const { first, second, reviews } = await twoClients(connect);
  await first.study('start', { deck: 'A' });
  await first.study('reveal');
  for (const [action, more] of [
    ['start', { deck: 'B' }],
    ['reveal'],
    ['rate', { rating: 1 }],
    ['undo'],
  ] as const) {
    const refused = await second.study(action, more);
    expect(refused.isError).toBe(true);
    expect(refused.text).toMatch(/^Nothing was changed: another client studies the deck "A"/);
  }
  expect(await reviews()).toBe(0);
  expect((await first.study('rate', { rating: 4 })).result).toMatchObject({
    rated: '4 Easy',
    question: 'a two',
  });
  expect(await reviews()).toBe(1);
});

test.each(backends)('on %s, another client can study when the first has finished', async (_, connect) => {
  const { first, second } = await twoClients(connect);
  await first.study('start', { deck: 'A' });
  await first.study('stop');
  expect((await second.study('start', { deck: 'B' })).result).toMatchObject({ question: 'b one' });
  expect((await first.study('rate', { rating: 1 })).text).toContain('another client studies the deck "B"');
});

test('another client can study when the first has disconnected', async () => {
  const { first, second } = await twoClients(async (engine) => engine);
  await first.study('start', { deck: 'A' });
  await first.close();
  expect((await second.study('start', { deck: 'B' })).result).toMatchObject({ question: 'b one' });
});

test('stop ends the session of another client, which gets a message that says so', async () => {
  const { first, second, reviews } = await twoClients(async (engine) => engine);
  await first.study('start', { deck: 'A' });
  await first.study('reveal');
  expect((await second.study('stop')).result).toMatchObject({
    deck: 'A',
    warning: 'This was the session of another client.',
  });
  await second.study('start', { deck: 'B' });
  await second.study('stop');
  expect((await first.study('rate', { rating: 1 })).text).toContain('No study session is open');
  expect(await reviews()).toBe(0);
});

test.each(backends)('on %s, rates nothing if the card argument names another card', async (_, connect) => {
  const { engine, first, reviews } = await twoClients(connect);
  await first.study('start', { deck: 'A' });
  await first.study('reveal');
  const [one = 0, two = 0] = await engine.call('findCards', { query: 'deck:A' });
  const refused = await first.study('rate', { rating: 4, card: two });
  expect(refused.text).toMatch(new RegExp(`^Nothing was changed: card ${two} .*that is card ${one}`));
  expect(await reviews()).toBe(0);
  expect((await first.study('rate', { rating: 4, card: one })).result).toMatchObject({ rated: '4 Easy' });
  expect((await first.study('reveal', { card: one })).isError).toBe(true);
});

test.each(backends)(
  'on %s, rates the revealed card and goes on in its deck if the user went to another deck in Anki',
  async (_, connect) => {
    const { engine, first, reviews } = await twoClients(connect);
    const { result } = await first.study('start', { deck: 'A' });
    await first.study('reveal');
    await engine.call('guiDeckReview', { name: 'B' });
    await engine.call('guiShowAnswer', {});
    const rated = await first.study('rate', { rating: 4 });
    expect(rated.result).toMatchObject({ rated: '4 Easy', question: 'a two' });
    expect(rated.text).not.toContain('warning');
    expect(result).toMatchObject({ question: 'a one' });
    expect(await reviews()).toBe(1);
    await engine.call('guiDeckReview', { name: 'B' });
    expect((await first.study('reveal')).result).toMatchObject({ question: 'a two' });
  },
);

test('two ratings at the same time count once', async () => {
  const { first, reviews } = await twoClients(async (engine) => engine);
  await first.study('start', { deck: 'A' });
  await first.study('reveal');
  const replies = await Promise.all([1, 2].map(() => first.study('rate', { rating: 4 })));
  expect(replies.map(({ isError }) => isError)).toEqual([false, true]);
  expect(await reviews()).toBe(1);
});
