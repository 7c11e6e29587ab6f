import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ActionName, Output, Params } from '../../../../src/contract/index.ts';
import { Engine } from '../../../../src/backends/engine/engine.ts';
import { Host } from '../../../../src/backends/engine/process/host.ts';
import { collectionClosed, temporaryEngine } from '../../../support/collection.ts';
import { eventually } from '../../../support/eventually.ts';

/** Milliseconds after which the collection is closed, so that the next call reopens it. */
const shortIdle = 40;
const waitUntilClosed = () => collectionClosed(temporary.engine);

let temporary: ReturnType<typeof temporaryEngine>;
beforeEach(() => {
  temporary = temporaryEngine({ idleMs: 60_000 });
});
afterEach(() => temporary.close());

const call = <N extends ActionName>(name: N, params: Params<N> = {}): Promise<Output<N>> =>
  temporary.engine.request(name, params);

/** Uses a new engine that closes its collection soon after each call. */
async function closeWhenIdle(): Promise<void> {
  await temporary.close();
  temporary = temporaryEngine({ idleMs: shortIdle });
}

const add = (fields: Record<string, string>, modelName = 'Basic', deckName = 'Default') =>
  call('addNote', { note: { deckName, modelName, fields } });

const addPlain = async (...fronts: string[]) => {
  for (const front of fronts) await add({ Front: front, Back: 'b' });
};

const review = (name = 'Default') => call('guiDeckReview', { name });

/** Returns a side without its style, on one line. */
const plain = (html: string) => html.replace(/^<style>.*?<\/style>/s, '').replaceAll(/\s+/g, ' ');

const question = async () => plain((await call('guiCurrentCard')).question);

async function answer(ease: number): Promise<boolean> {
  await call('guiShowAnswer');
  return call('guiAnswerCard', { ease });
}

/** Returns the eases of all logged reviews, ordered by time. */
async function loggedEases(): Promise<number[]> {
  const cards = await call('findCards', { query: '' });
  const rows = Object.values(await call('getReviewsOfCards', { cards: cards.map(String) })).flat();
  return rows.toSorted((one, other) => one.id - other.id).map(({ ease }) => ease);
}

/** Opens the collection as another program would, while it is closed here. */
async function inOtherProgram(work: (other: Engine) => Promise<unknown>): Promise<void> {
  await waitUntilClosed();
  const other = new Engine({ collection: temporary.engine.place, log: () => {} });
  await eventually(() => other.call('version', {})); // until the other engine can open it
  await work(other);
  await other.close();
}

test('cards appear in the order of the queue: learning cards follow the others', async () => {
  await call('createDeck', { deck: 'Default::Child' });
  await addPlain('one', 'two', 'three', 'four');
  await add({ Front: 'child', Back: 'b' }, 'Basic', 'Default::Child');
  const [old = 0] = await call('findCards', { query: 'front:three' });
  await call('setDueDate', { cards: [old], days: '0' });
  await review();
  const seen: string[] = [];
  for (const ease of [1, 4, 4, 4, 4, 3, 3]) {
    seen.push(await question());
    expect(await answer(ease)).toBe(true);
  }
  expect(seen).toEqual(['one', 'two', 'three', 'four', 'child', 'one', 'one']);
  expect(await call('guiReviewActive')).toBe(false);
  expect(await loggedEases()).toEqual([0, 1, 4, 4, 4, 4, 3, 3]);
});

const sides = async () => {
  const { question, answer, template, fieldOrder } = await call('guiCurrentCard');
  return [plain(question), plain(answer), template, fieldOrder];
};

test('cloze, reversed and typed cards show their sides', async () => {
  await add({ Text: '{{c1::Ottawa}} is in {{c2::Canada}}' }, 'Cloze');
  await add({ Front: 'left', Back: 'right' }, 'Basic (and reversed card)');
  await add({ Front: 'how', Back: 'so' }, 'Basic (type in the answer)');
  await review();
  const seen: unknown[] = [];
  while (await call('guiReviewActive')) {
    seen.push(await sides());
    await answer(4);
  }
  expect(seen).toEqual([
    [expect.stringMatching(/\[\.\.\.\].*Canada/), expect.stringContaining('>Ottawa</span>'), 'Cloze', 0],
    ['left', 'left <hr id=answer> right', 'Card 1', 0],
    ['how [[type:Back]]', 'how <hr id=answer> [[type:Back]]', 'Card 1', 0],
    [expect.stringMatching(/Ottawa.*\[\.\.\.\]/), expect.stringContaining('>Canada</span>'), 'Cloze', 1],
    ['right', 'right <hr id=answer> left', 'Card 2', 1],
  ]);
});

test('a review continues after the collection was closed: same card, side and text', async () => {
  await closeWhenIdle();
  await addPlain('one', 'two');
  await review();
  await answer(4);
  const before = await call('guiCurrentCard');
  await call('guiShowAnswer');
  await waitUntilClosed();
  const after = await call('guiCurrentCard');
  // Long intervals are spread at random.
  expect(after).toEqual({ ...before, nextReviews: [...before.nextReviews.slice(0, 3), expect.any(String)] });
  await waitUntilClosed();
  expect(await call('guiAnswerCard', { ease: 1 })).toBe(true);
  await waitUntilClosed();
  expect(await question()).toBe('two');
  expect(await answer(3)).toBe(true);
  expect(await loggedEases()).toEqual([4, 1, 3]);
});

test('a shown card stays when another one becomes due while the collection is closed', async () => {
  await closeWhenIdle();
  const config = await call('getDeckConfig', { deck: 'Default' });
  const learning = { delays: [0.02, 10], ints: [1, 4, 0], initialFactor: 2500, order: 1, perDay: 20 };
  expect(await call('saveDeckConfig', { config: { ...config, new: learning } })).toBe(true);
  await addPlain('one', 'two', 'three');
  await review();
  await answer(1);
  await call('guiShowAnswer');
  await sleep(2100);
  expect(await question()).toBe('two');
  expect(await call('guiAnswerCard', { ease: 4 })).toBe(true);
  expect(await question()).toBe('one');
  await call('guiUndo');
  expect(await loggedEases()).toEqual([1]);
  // The undone card returns to the queue, after the one that is due.
  expect([await question(), await answer(4), await question()]).toEqual(['one', true, 'two']);
});

const deleteCard = async (other: Engine, card: number) =>
  other.call('deleteNotes', { notes: await other.call('cardsToNotes', { cards: [card] }) });

test.each<[string, (other: Engine, card: number) => Promise<unknown>]>([
  ['answered', (other, card) => other.call('answerCards', { answers: [{ cardId: card, ease: 4 }] })],
  ['suspended', (other, card) => other.call('suspend', { cards: [card] })],
  ['deleted', deleteCard],
])('a card that another program %s is replaced by the next', async (_, change) => {
  await closeWhenIdle();
  await addPlain('one', 'two');
  await sleep(1100); // a card's modification time has a resolution of one second
  await review();
  await call('guiShowAnswer');
  const { cardId } = await call('guiCurrentCard');
  await inOtherProgram((other) => change(other, cardId));
  expect(await call('guiAnswerCard', { ease: 3 })).toBe(false);
  expect(await question()).toBe('two');
});

test('undo shows the answered card again, also after the collection was closed', async () => {
  await closeWhenIdle();
  await addPlain('one', 'two', 'three');
  await review();
  for (const [shown, next] of [
    ['one', 'two'],
    ['two', 'three'],
  ]) {
    expect(await question()).toBe(shown);
    await answer(4);
    expect(await question()).toBe(next);
    await call('guiUndo');
    expect(await question()).toBe(shown);
    await waitUntilClosed();
    expect(await answer(4)).toBe(true);
    expect(await question()).toBe(next);
    await call('guiUndo');
    expect(await question()).toBe(shown);
    await answer(4);
  }
  expect(await loggedEases()).toEqual([4, 4]);
});

test('an edited card keeps its shown text and returns to its question', async () => {
  const id = await add({ Front: 'one', Back: 'b' });
  await review();
  await call('guiShowAnswer');
  await call('updateNoteFields', { note: { id: id, fields: { Front: 'changed' } } });
  expect([await call('guiAnswerCard', { ease: 3 }), await question()]).toEqual([false, 'one']);
  await review();
  expect(await question()).toBe('changed');
  await call('guiShowAnswer');
  await call('guiUndo');
  expect([await question(), await call('guiAnswerCard', { ease: 3 })]).toEqual(['one', true]);
  for (const _ of [1, 2]) await call('guiUndo');
  expect(await call('guiReviewActive')).toBe(false);
});

test('answering skips a deleted card and refuses a changed one', async () => {
  await addPlain('one', 'two', 'three');
  await review();
  await call('guiShowAnswer');
  await call('deleteNotes', { notes: await call('findNotes', { query: 'front:one' }) });
  await expect(call('guiCurrentCard')).rejects.toThrow('No such card');
  expect(await call('guiAnswerCard', { ease: 3 })).toBe(true);
  expect(await question()).toBe('two');
  await call('guiShowAnswer');
  await call('setDueDate', { cards: await call('findCards', { query: 'front:two' }), days: '5' });
  await expect(call('guiAnswerCard', { ease: 3 })).rejects.toThrow('card was modified');
  expect(await question()).toBe('three');
  expect(await loggedEases()).toEqual([0]);
});

test('a card without its template fails only when it is read', async () => {
  const id = await add({ Front: 'left', Back: 'right' }, 'Basic (and reversed card)');
  const [, second = 0] = await call('findCards', { query: `nid:${id}` });
  await call('suspend', { cards: await call('findCards', { query: `nid:${id} card:1` }) });
  await call('updateNoteModel', {
    note: { id: id, modelName: 'Basic', fields: { Front: 'left' }, tags: [] },
  });
  expect(await review()).toBe(true);
  await expect(call('guiCurrentCard')).rejects.toThrow('missing template');
  await addPlain('one');
  await call('suspend', { cards: [second] });
  expect(await question()).toBe('one');
});

test('adding notes during a review looks up the next card only when somebody asks for it', async () => {
  await addPlain('one', 'two');
  await review();
  await call('guiShowAnswer');
  const calls = vi.spyOn(Host.prototype, 'call');
  const lookUps = () => calls.mock.calls.filter(([name]) => name === 'get_queued_cards').length;
  try {
    await addPlain('three', 'four');
    await call('createDeck', { deck: 'Other' });
    expect(lookUps()).toBe(0);
    expect(await call('guiAnswerCard', { ease: 3 })).toBe(false);
    expect(lookUps()).toBe(1);
  } finally {
    calls.mockRestore();
  }
  const seen: string[] = [];
  while (await call('guiReviewActive')) {
    seen.push(await question());
    await answer(4);
  }
  expect(seen).toEqual(['one', 'two', 'three', 'four']);
});
