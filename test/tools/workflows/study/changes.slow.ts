import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { AnkiConnect } from '../../../../src/backends/desktop/client.ts';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { startApi } from '../../../support/api.ts';
import { Assistant } from '../../../support/assistant.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { fakeAnki, type Behaviour } from '../../../support/fake-anki.ts';
import { addNotes } from '../../../support/guarded-server.ts';

let engine: Engine;
let notes: number[];
let close: () => Promise<void>;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  onTestFinished(close);
  notes = await addNotes(engine, 'D', ['one', 'two', 'three']);
});

const reviews = () => engine.call('getNumCardsReviewedToday', {});
const cards = () => engine.call('findCards', { query: 'deck:D' });

async function studying(backend: Parameters<typeof Assistant.of>[0] = engine) {
  const assistant = await Assistant.of(backend);
  onTestFinished(() => assistant.close());
  return (action: string, more: object = {}) => assistant.call('study', { action, ...more });
}

type Replace = (action: string, reply: () => Promise<string>) => Promise<string>;

/** Returns a running Anki whose replies the test may replace. */
async function desktopWith(replace: Replace): Promise<AnkiConnect> {
  const api = await startApi(engine);
  /** Answers a request, or each call of a batch. */
  const replaced = async (body: string): Promise<string> => {
    const { action, params }: { action: string; params?: { actions?: readonly object[] } } = JSON.parse(body);
    if (action !== 'multi') return replace(action, () => api.ask(body));
    const replies: string[] = [];
    for (const child of params?.actions ?? []) replies.push(await replaced(JSON.stringify(child)));
    return `{"result": [${replies.join(', ')}], "error": null}`;
  };
  const relay: Behaviour = async (socket, request) => {
    const { body } = await request();
    const text = await replaced(body);
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const anki = await fakeAnki(relay);
  const backend = new AnkiConnect({ url: anki.url });
  onTestFinished(async () => {
    await backend.close();
    await anki.close();
    await api.close();
  });
  return backend;
}

/** An Anki that shows the rated card for some more reads after each rating. */
function lagging(reads: number): Replace {
  let left = 0;
  let shown = '';
  return async (action, reply) => {
    if (action === 'guiAnswerCard') left = reads;
    if (action === 'guiReviewActive' && left > 0) return '{"result":true,"error":null}';
    if (action !== 'guiCurrentCard') return reply();
    return left-- > 0 ? shown : (shown = await reply());
  };
}

test('waits until Anki shows the next card, up to the end of the deck', async () => {
  const study = await studying(await desktopWith(lagging(4)));
  let shown = await study('start', { deck: 'D' });
  for (const question of ['one', 'two', 'three']) {
    expect(shown.result).toMatchObject({ question });
    await study('reveal');
    shown = await study('rate', { rating: 4 });
    expect(shown.result).toMatchObject({ rated: '4 Easy' });
    expect(shown.text).not.toContain('warning');
  }
  expect(shown.result).toMatchObject({ studied: 3 });
  expect(await reviews()).toBe(3);
});

test('the study ends if Anki leaves the review between two reads', async () => {
  const error = JSON.stringify({ result: null, error: 'Gui review is not currently active.' });
  let rated = false;
  const backend = await desktopWith(async (action, reply) => {
    rated ||= action === 'guiAnswerCard';
    if (rated && action === 'guiReviewActive') return '{"result":true,"error":null}';
    return rated && action === 'guiCurrentCard' ? error : reply();
  });
  const study = await studying(backend);
  await study('start', { deck: 'D' });
  await study('reveal');
  expect((await study('rate', { rating: 3 })).result).toMatchObject({ rated: '3 Good', studied: 1 });
});

test('shows a card again that is due again at once', async () => {
  await engine.call('suspend', { cards: (await cards()).slice(1) });
  const study = await studying(await desktopWith((_, reply) => reply()));
  await study('start', { deck: 'D' });
  await study('reveal');
  expect((await study('rate', { rating: 1 })).result).toMatchObject({ rated: '1 Again', question: 'one' });
  expect(await reviews()).toBe(1);
});

test('undo on the desktop says if Anki undid something else, and how to bring that back', async () => {
  const study = await studying(await desktopWith((_, reply) => reply()));
  await study('start', { deck: 'D' });
  await study('reveal');
  await study('rate', { rating: 3 });
  await engine.call('createDeck', { deck: 'Other' });
  const { result } = await study('undo');
  expect(result).toMatchObject({ undone: false, warning: expect.stringContaining('Edit > Redo') });
  expect(await reviews()).toBe(1);
  expect((await study('undo')).result).toMatchObject({ undone: true, question: 'one' });
});

test('undo on the desktop undoes nothing if the user has undone the rating in Anki', async () => {
  const study = await studying(await desktopWith((_, reply) => reply()));
  await study('start', { deck: 'D' });
  await engine.call('createDeck', { deck: 'Other' });
  await study('reveal');
  await study('rate', { rating: 3 });
  await engine.call('guiUndo', {});
  expect((await study('undo')).result).toMatchObject({
    undone: true,
    warning: 'The rating was undone already, so nothing else was undone now.',
    question: 'one',
  });
  expect(await engine.call('deckNames', {})).toContain('Other');
});

test('waits until Anki has undone a rating', async () => {
  let stale = 0;
  let before = '';
  const backend = await desktopWith(async (action, reply) => {
    if (action === 'guiUndo') stale = 3;
    if (action !== 'getReviewsOfCards') return reply();
    return stale-- > 0 ? before : (before = await reply());
  });
  const study = await studying(backend);
  await study('start', { deck: 'D' });
  await study('reveal');
  await study('rate', { rating: 3 });
  expect((await study('undo')).result).toMatchObject({ undone: true, question: 'one' });
});

test.each(['the engine', 'the desktop'])(
  'on %s, a rating stands if the next card has no template',
  async (kind) => {
    const [, second = 0, third = 0] = await cards();
    await engine.call('suspend', { cards: [third] });
    const study = await studying(kind === 'the engine' ? engine : await desktopWith((_, reply) => reply()));
    await study('start', { deck: 'D' });
    await study('reveal');
    const breaking = {
      card: second,
      keys: ['ord' as const],
      newValues: [7],
      warning_check: true,
    };
    await engine.call('setSpecificValueOfCard', breaking);
    expect((await study('rate', { rating: 4 })).result).toMatchObject({
      rated: '4 Easy',
      warning: expect.stringContaining('missing template'),
      broken: [second],
    });
    expect(await reviews()).toBe(1);
    expect((await study('rate', { rating: 4 })).text).toContain('Nothing was rated');
    await engine.call('suspend', { cards: [second] });
    await engine.call('unsuspend', { cards: [third] });
    expect((await study('reveal')).result).toMatchObject({ question: 'three' });
    await study('reveal');
    expect((await study('rate', { rating: 4 })).result).toMatchObject({ studied: 2 });
  },
);

test.each(['reveal', 'rate'])('%s says that the card was deleted, and shows the next one', async (action) => {
  const study = await studying();
  const { result } = await study('start', { deck: 'D' });
  if (action === 'rate') await study('reveal');
  await engine.call('deleteNotes', { notes: notes.slice(0, 1) });
  const next = await study(action, action === 'rate' ? { rating: 3 } : {});
  expect(result).toMatchObject({ question: 'one' });
  expect(next.result).toMatchObject({
    warning: expect.stringMatching(/: card \d+ was deleted in the meantime\.$/),
    question: 'two',
  });
  expect(await reviews()).toBe(0);
});

test('reveal shows the new text of an edited card, and an edit after it does not prevent the rating', async () => {
  const study = await studying();
  const edit = (Front: string, Back: string) =>
    engine.call('updateNoteFields', { note: { id: notes[0] ?? 0, fields: { Front, Back } } });
  await study('start', { deck: 'D' });
  await edit('new question', 'new answer');
  expect((await study('reveal')).result).toMatchObject({ question: 'new question', answer: 'new answer' });
  await edit('newer question', 'newer answer');
  expect((await study('rate', { rating: 3 })).result).toMatchObject({ rated: '3 Good', question: 'two' });
  expect(await reviews()).toBe(1);
});

test('an edit does not let a card be rated a second time', async () => {
  await engine.call('suspend', { cards: (await cards()).slice(1) });
  const study = await studying();
  await study('start', { deck: 'D' });
  await study('reveal');
  await engine.call('guiAnswerCard', { ease: 1 }); // "Again" brings the same card back
  const { result } = await study('rate', { rating: 1 });
  expect(result).toMatchObject({ warning: expect.stringContaining('Nothing was rated'), question: 'one' });
  expect(await reviews()).toBe(1);
});

test('undo takes back the rating that ended the study', async () => {
  const study = await studying();
  await study('start', { deck: 'D', limit: 1 });
  await study('reveal');
  expect((await study('rate', { rating: 1 })).result).toMatchObject({ done: 'The limit is reached.' });
  expect((await study('undo')).result).toMatchObject({ undone: true, card: 1, question: 'one' });
  expect(await reviews()).toBe(0);
  await study('reveal');
  expect((await study('rate', { rating: 4 })).result).toMatchObject({ studied: 1 });
});
