import { describe, expect, onTestFinished, test } from 'vitest';
import { AnkiConnect } from '../../../../src/backends/desktop/client.ts';
import { operationsOf, together, type Backend } from '../../../../src/contract/backend.ts';
import { AnkiRefused, OutcomeUnknown } from '../../../../src/contract/errors.ts';
import { startApi } from '../../../support/api.ts';
import { Assistant } from '../../../support/assistant.ts';
import { backendDouble } from '../../../support/backend-double.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { desktop } from '../../../support/desktop.ts';
import { fakeAnki, type Behaviour } from '../../../support/fake-anki.ts';
import { addNotes } from '../../../support/guarded-server.ts';

type Wrap = (engine: Backend) => Backend;

/** Opens a deck D with three new cards: one, two, three. `wrap` changes what the engine replies. */
async function deckOfThree(kind: string, wrap: Wrap = (engine) => engine) {
  const { engine, close } = temporaryEngine();
  onTestFinished(close);
  await addNotes(engine, 'D', ['one', 'two', 'three']);
  const cards = await engine.call('findCards', { query: 'deck:D' });
  const backend = wrap(engine);
  const { backend: remote, close: disconnect } = await desktop(backend);
  onTestFinished(disconnect);
  const assistant = await Assistant.of(kind === 'the engine' ? backend : remote);
  onTestFinished(() => assistant.close());
  const study = (action: string, more: object = {}) => assistant.call('study', { action, ...more });
  const reviewsOf = async (card: number | undefined) =>
    (await engine.call('getReviewsOfCards', { cards: [card ?? 0] }))[String(card)]?.length ?? 0;
  return { engine, cards: cards.toSorted((a, b) => a - b), study, reviewsOf };
}

/** As the desktop while it keeps a queue, until a card changes: answerCards rates only the first card. */
const keepsQueue: Wrap = (engine) => {
  let hasQueue = true;
  return backendDouble(async (name, params, options) => {
    if (name === 'suspend') hasQueue = false;
    if (name === 'answerCards' && hasQueue) throw new AnkiRefused('not at top of queue');
    return engine.request(name, params, options);
  }, engine);
};

describe.each(['the engine', 'the desktop'])('on %s', (kind) => {
  test('each question has its state, and what Anki has left', async () => {
    const { study } = await deckOfThree(kind);
    const start = await study('start', { deck: 'D' });
    expect(start.result).toMatchObject({
      state: 'new',
      deck: 'D',
      left: { new: 3, learning: 0, review: 0 },
      order: expect.stringContaining("Anki's own order"),
    });
    await study('reveal');
    expect((await study('rate', { rating: 1 })).result).toMatchObject({
      left: { new: 2, learning: 1, review: 0 },
    });
  });

  test('only new and only due select by state', async () => {
    const { engine, study, cards } = await deckOfThree(kind);
    await engine.call('setDueDate', { cards: cards.slice(1, 2), days: '0' });
    expect((await study('start', { deck: 'D', only: 'due' })).result).toMatchObject({
      question: 'two',
      state: 'review',
      left: { new: 0, learning: 0, review: 1 },
      order: expect.stringContaining("Not Anki's order"),
    });
    await study('reveal');
    expect((await study('rate', { rating: 3 })).result).toMatchObject({ rated: '3 Good', studied: 1 });
    expect((await study('start', { deck: 'D', only: 'new' })).result).toMatchObject({
      question: 'one',
      left: { new: 2, learning: 0, review: 0 },
    });
  });

  test('a query selects cards, which are rated once', async () => {
    const { engine, study, cards, reviewsOf } = await deckOfThree(kind);
    await engine.call('guiDeckReview', { name: 'D' });
    expect((await study('start', { query: 'three' })).result).toMatchObject({ question: 'three' });
    expect((await study('rate', { rating: 3 })).text).toContain('Call reveal before rate');
    expect((await study('reveal')).result).toMatchObject({ answer: 'b' });
    expect((await study('rate', { rating: 4 })).result).toMatchObject({ rated: '4 Easy', studied: 1 });
    expect(await reviewsOf(cards[2])).toBe(1);
    expect((await study('undo')).result).toMatchObject({ undone: true, question: 'three' });
    expect(await reviewsOf(cards[2])).toBe(0);
  });

  test.each([
    ['a query', { query: 'deck:D' }],
    ['a query in a deck', { deck: 'D', query: '-tag:x' }],
  ])('a card in a learning step waits until the others are studied, with %s', async (_, choice) => {
    const { study } = await deckOfThree(kind);
    const seen = [await study('start', choice)];
    for (const rating of [3, 1, 4, 4, 4]) {
      await study('reveal');
      seen.push(await study('rate', { rating }));
    }
    expect(seen.map(({ result }) => Object(result)['question'])).toEqual([
      'one',
      'two',
      'three',
      'two', // its step of one minute ends before the step of ten
      'one',
      undefined,
    ]);
  });

  test('after a skip, new cards come before a card in a learning step', async () => {
    const { study } = await deckOfThree(kind);
    await study('start', { deck: 'D' });
    await study('reveal');
    await study('rate', { rating: 3 });
    expect((await study('skip')).result).toMatchObject({ question: 'three', state: 'new' });
  });

  test('a learning card whose time has come is the next one', async () => {
    const { study, engine, cards } = await deckOfThree(kind);
    await engine.call('answerCards', { answers: [{ cardId: cards[2] ?? 0, ease: 1 }] });
    await engine.call('setSpecificValueOfCard', {
      card: cards[2] ?? 0,
      keys: ['due'],
      newValues: [Math.floor(Date.now() / 1000) - 60],
      warning_check: true,
    });
    expect((await study('start', { query: 'deck:D' })).result).toMatchObject({ question: 'three' });
  });

  test('a card that was rated in Anki after reveal is not rated again', async () => {
    const { engine, study, cards, reviewsOf } = await deckOfThree(kind);
    await study('start', { deck: 'D', query: 'two' });
    await study('reveal');
    await engine.call('answerCards', { answers: [{ cardId: cards[1] ?? 0, ease: 1 }] });
    expect((await study('rate', { rating: 3 })).text).toContain('Nothing was rated');
    expect(await reviewsOf(cards[1])).toBe(1);
  });

  test('a query cannot select cards that are not due, suspended cards or more cards than the daily limit', async () => {
    const { engine, study, cards } = await deckOfThree(kind);
    await engine.call('setDueDate', { cards: cards.slice(0, 1), days: '5' });
    await engine.call('suspend', { cards: cards.slice(1, 2) });
    const start = await study('start', { deck: 'D', query: 'x) or (deck:*' });
    expect(start.isError).toBe(true);
    expect((await study('start', { deck: 'D', query: 'one or two' })).result).toMatchObject({ studied: 0 });
    const config = await engine.call('getDeckConfig', { deck: 'D' });
    if (config === false) throw new Error('no options');
    const options = { ...config, new: { ...Object(config['new']), perDay: 0 } };
    await engine.call('saveDeckConfig', { config: options });
    expect((await study('start', { deck: 'D', query: 'three' })).result).toMatchObject({ studied: 0 });
    expect((await study('start', { query: 'three' })).result).toMatchObject({
      question: 'three',
      order: expect.stringContaining("without the decks' daily limits"),
    });
  });

  test('a skipped card comes again after the others', async () => {
    const { study, reviewsOf, cards } = await deckOfThree(kind);
    await study('start', { deck: 'D' });
    expect((await study('skip')).result).toMatchObject({ question: 'two' });
    expect((await study('skip')).result).toMatchObject({ question: 'three' });
    await study('reveal');
    expect((await study('rate', { rating: 4 })).result).toMatchObject({ question: 'one' });
    await study('reveal');
    expect((await study('rate', { rating: 4 })).result).toMatchObject({ question: 'two' });
    expect((await study('skip')).result).toMatchObject({
      question: 'two',
      warning: expect.stringContaining('No other card is left'),
    });
    await study('reveal');
    expect((await study('rate', { rating: 4 })).result).toMatchObject({ studied: 3 });
    expect(await Promise.all(cards.map(reviewsOf))).toEqual([1, 1, 1]);
  });

  test('skipping within a query goes round', async () => {
    const { study } = await deckOfThree(kind);
    const seen = [await study('start', { query: 'one or three' })];
    for (let at = 0; at < 2; at++) seen.push(await study('skip'));
    expect(seen.map(({ result }) => Object(result)['question'])).toEqual(['one', 'three', 'one']);
  });

  test('bury takes the card out of study on the engine, and is refused in words on the desktop', async () => {
    const { study, engine, cards } = await deckOfThree(kind);
    await study('start', { deck: 'D' });
    const buried = await study('bury');
    if (kind === 'the engine') {
      expect(buried.result).toMatchObject({ buried: cards[0], question: 'two' });
      expect(await engine.call('findCards', { query: 'is:buried-manually' })).toEqual([cards[0]]);
    } else {
      expect(buried.text).toMatch(/^Nothing was buried: .*no action.*skip/);
      expect(await engine.call('findCards', { query: 'is:buried' })).toEqual([]);
    }
  });

  test.each([
    ['Anki accepts answers of any card', (engine: Backend) => engine],
    ['Anki keeps a queue', keepsQueue],
  ])('several known answers are rated in one call, with an outcome for each: %s', async (_, wrap) => {
    const { study, engine, cards, reviewsOf } = await deckOfThree(kind, wrap);
    const [one, two, three] = cards;
    await engine.call('suspend', { cards: [three ?? 0] });
    await study('start', { deck: 'D' });
    const ratings = [two, three, 17].map((card) => ({ card, rating: 4 }));
    const rated = await study('rate', { ratings });
    expect(rated.result).toMatchObject({
      outcomes: [
        { card: two, outcome: 'rated' },
        { card: three, outcome: expect.stringMatching(/^not rated: not due/) },
        { card: 17, outcome: expect.stringMatching(/^not rated/) },
      ],
      question: 'one',
    });
    expect(await Promise.all([one, two, three].map(reviewsOf))).toEqual([0, 1, 0]);
    const again = await study('rate', { ratings: [ratings[0]] });
    expect(again.text).toContain('not rated');
    expect(await reviewsOf(two)).toBe(1);
    expect(await engine.call('findCards', { query: 'is:suspended' })).toEqual([three]);
    const twice = await study('rate', { ratings: [ratings[0], ratings[0]] });
    expect(twice.text).toContain('named twice');
  });
});

test('if the engine stops between two ratings, the outcomes of the others are reported', async () => {
  let ratings = 0;
  const { study, reviewsOf, cards } = await deckOfThree('the engine', (engine) => ({
    ...backendDouble((name, params, options) => engine.request(name, params, options), engine),
    operate: (name, params, options) => operationsOf(engine)(name, params, options),
    together: async (work, options) => {
      if (++ratings === 2) throw new OutcomeUnknown('The engine stopped.');
      return together(engine, work, options);
    },
  }));
  const [one, two, three] = cards;
  await study('start', { deck: 'D' });
  ratings = 0;
  const rated = await study('rate', { ratings: cards.map((card) => ({ card, rating: 4 })) });
  expect(rated.result).toMatchObject({
    outcomes: [
      { card: one, outcome: 'rated' },
      { card: two, outcome: expect.stringMatching(/^unknown: The engine stopped/) },
      { card: three, outcome: expect.stringMatching(/^not rated: not sent/) },
    ],
  });
  expect(await Promise.all(cards.map(reviewsOf))).toEqual([1, 0, 0]);
  expect((await study('undo')).result).toMatchObject({ undone: true });
  expect(await reviewsOf(one)).toBe(0);
});

test('with an add-on that has no batches, a card is rated once', async () => {
  const { study, reviewsOf, cards } = await deckOfThree('the desktop', (engine) =>
    backendDouble(async (name, params, options) => {
      if (name === 'multi') throw new AnkiRefused('unsupported action');
      return engine.request(name, params, options);
    }, engine),
  );
  await study('start', { deck: 'D' });
  await study('reveal');
  expect((await study('rate', { rating: 4 })).result).toMatchObject({ rated: '4 Easy', question: 'two' });
  expect(await Promise.all(cards.map(reviewsOf))).toEqual([1, 0, 0]);
});

test.each(['the engine', 'the desktop'])(
  'on %s, an unknown outcome is called unknown, is not sent again, and stops the rest',
  async (kind) => {
    const { engine, close } = temporaryEngine();
    onTestFinished(close);
    await addNotes(engine, 'D', ['one', 'two', 'three']);
    const cards = await engine.call('findCards', { query: 'deck:D' });
    const api = await startApi(engine);
    let sent = 0;
    const losesReply: Behaviour = async (socket, request) => {
      const { body } = await request();
      const reply = await api.ask(body);
      const isLost = body.includes('answerCards') && ++sent === 2;
      if (isLost) socket.resetAndDestroy();
      else socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(reply)}\r\n\r\n${reply}`);
    };
    const anki = await fakeAnki(losesReply);
    const remote = new AnkiConnect({ url: anki.url });
    const local = backendDouble(async (name, params, options) => {
      const reply = await engine.request(name, params, options);
      if (name === 'answerCards' && ++sent === 2) throw new OutcomeUnknown('The reply was lost.');
      return reply;
    }, engine);
    const assistant = await Assistant.of(kind === 'the engine' ? local : remote);
    onTestFinished(async () => {
      await assistant.close();
      await remote.close();
      await anki.close();
      await api.close();
    });
    await assistant.call('study', { action: 'start', deck: 'D' });
    const ratings = cards.map((card) => ({ card, rating: 4 }));
    expect((await assistant.call('study', { action: 'rate', ratings })).result).toMatchObject({
      outcomes: [
        { outcome: 'rated' },
        { outcome: expect.stringMatching(/^unknown: .*getReviewsOfCards/s) },
        { outcome: expect.stringMatching(/^not rated: not sent/) },
      ],
    });
    const reviews = await engine.call('getReviewsOfCards', { cards });
    expect(cards.map((card) => reviews[String(card)]?.length ?? 0)).toEqual([1, 1, 0]);
  },
);
