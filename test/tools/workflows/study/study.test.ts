import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { OutcomeUnknown } from '../../../../src/contract/errors.ts';
import { Assistant, type CallResult } from '../../../support/assistant.ts';
import { backendDouble } from '../../../support/backend-double.ts';
import { temporaryEngine } from '../../../support/collection.ts';

let engine: Engine;
let assistant: Assistant;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  assistant = await Assistant.of(engine);
  await engine.call('createDeck', { deck: 'D' });
});

afterEach(async () => {
  await assistant.close();
  await close();
});

const add = (modelName: string, fields: Record<string, string>) =>
  engine.call('addNote', { note: { deckName: 'D', modelName, fields } });

const does = (action: string, more: object = {}): Promise<CallResult> =>
  assistant.call('study', { action, ...more });

const member = ({ result }: CallResult, name: string): unknown =>
  typeof result === 'object' && result !== null && name in result
    ? Object.entries(result).find(([key]) => key === name)?.[1]
    : undefined;

test('shows no answer before reveal on cloze, reversed and typed cards', async () => {
  await add('Cloze', { Text: 'Water boils at {{c1::hundred-secret}} degrees', 'Back Extra': 'extra-secret' });
  await add('Basic (and reversed card)', { Front: 'front-text', Back: 'back-text' });
  await add('Basic (type in the answer)', { Front: 'typed question', Back: 'typed-secret' });
  let shown = await does('start', { deck: 'D' });
  const seen: string[] = [];
  for (let card = 0; card < 4; card++) {
    const question = shown.text;
    const revealed = await does('reveal');
    seen.push(`${String(member(shown, 'question'))} -> ${String(member(revealed, 'answer'))}`);
    expect(question).not.toMatch(/secret/);
    shown = await does('rate', { rating: 4 });
  }
  expect(seen.toSorted()).toEqual([
    expect.stringMatching(
      /^Water boils at \[\.\.\.\] degrees -> Water boils at hundred-secret degrees\s+extra-secret$/,
    ),
    'back-text -> front-text',
    'front-text -> back-text',
    expect.stringMatching(/^typed question\s+\[type the answer\] -> typed-secret$/),
  ]);
  expect(member(shown, 'studied')).toBe(4);
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(4);
});

test('refuses a rating before reveal and a second rating', async () => {
  await add('Basic', { Front: 'a', Back: 'b' });
  await does('start', { deck: 'D' });
  expect((await does('rate', { rating: 3 })).text).toContain('Call reveal before rate');
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(0);
  await does('reveal');
  await does('rate', { rating: 1 });
  expect((await does('rate', { rating: 1 })).text).toContain('Call reveal before rate');
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(1);
});

test('rates nothing and warns if the card changed in Anki', async () => {
  await add('Basic', { Front: 'one', Back: 'b' });
  await add('Basic', { Front: 'two', Back: 'b' });
  await does('start', { deck: 'D' });
  await does('reveal');
  await engine.call('guiAnswerCard', { ease: 3 });
  const moved = await does('rate', { rating: 4 });
  expect(String(member(moved, 'warning'))).toContain('Nothing was rated');
  expect(member(moved, 'question')).toBe('two');
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(1);
});

test('undo reverts the last rating', async () => {
  await add('Basic', { Front: 'one', Back: 'b' });
  await does('start', { deck: 'D' });
  await does('reveal');
  await does('rate', { rating: 3 });
  const undone = await does('undo');
  expect(member(undone, 'undone')).toBe(true);
  expect(member(undone, 'question')).toBe('one');
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(0);
});

test.each([
  ['of a deck', { deck: 'D' }],
  ['of a search', { query: 'deck:D' }],
])('undo in a study %s takes back no later change, and says how to take the rating back', async (_, of) => {
  await add('Basic', { Front: 'one', Back: 'b' });
  const [cardId = 0] = await engine.call('findCards', { query: '' });
  await does('start', of);
  await does('reveal');
  await does('rate', { rating: 3 });
  await engine.call('createDeck', { deck: 'Other' });
  const refused = await does('undo');
  expect(refused.isError).toBe(true);
  expect(refused.text).toMatch(/Nothing was undone: the last step is "Create deck".*expect "Create deck"/);
  expect(await engine.call('deckNames', {})).toContain('Other');
  await assistant.call('undo', { action: 'undo', expect: 'Create deck' });
  expect((await does('undo')).result).toMatchObject({ undone: true, question: 'one' });

  await does('reveal');
  await does('rate', { rating: 3 });
  await engine.call('answerCards', { answers: [{ cardId, ease: 1 }] });
  expect((await does('undo')).text).toMatch(/the last step is "Answer cards"/);
  expect(await engine.call('getReviewsOfCards', { cards: [cardId] })).toMatchObject({
    [cardId]: { length: 2 },
  });
  await assistant.call('undo', { action: 'undo', steps: 2 });
  await assistant.call('undo', { action: 'redo' });
  expect((await does('undo')).result).toMatchObject({ undone: true }); // redone, it is still the same step
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(0);
});

test('undo says that the rating is no longer in the undo list, also after newer changes', async () => {
  await add('Basic', { Front: 'one', Back: 'b' });
  await does('start', { deck: 'D' });
  await does('reveal');
  await does('rate', { rating: 3 });
  await engine.call('guiCheckDatabase', {});
  expect((await does('undo')).text).toMatch(/Nothing was undone: .*no longer in Anki's undo list/);
  await engine.release();
  for (const deck of ['A', 'B', 'C', 'E', 'F']) await engine.call('createDeck', { deck });
  expect((await does('undo')).text).toMatch(/Nothing was undone: the last step is "Create deck"/);
  expect(await engine.call('deckNames', {})).toHaveLength(7);
});

test('undo takes back one of several ratings after the other, and no other change', async () => {
  for (const Front of ['one', 'two']) await add('Basic', { Front, Back: 'b' });
  const [one = 0, two = 0] = await engine.call('findCards', { query: '' });
  await does('start', { deck: 'D' });
  await does('rate', {
    ratings: [
      { card: one, rating: 3 },
      { card: two, rating: 4 },
    ],
  });
  await engine.call('addTags', { notes: await engine.call('findNotes', { query: '' }), tags: 'x' });
  expect((await does('undo')).text).toMatch(/the last step is "Add tags, 2 notes"/);
  await assistant.call('undo', { action: 'undo' });
  expect((await does('undo')).result).toMatchObject({ undone: true, question: 'two' });
  expect((await does('undo')).result).toMatchObject({ undone: true, question: 'one' });
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(0);
});

test('undo after Anki has undone the rating undoes nothing else', async () => {
  await engine.call('createDeck', { deck: 'Before' });
  await add('Basic', { Front: 'one', Back: 'b' });
  await does('start', { deck: 'D' });
  await does('reveal');
  await does('rate', { rating: 4 });
  await assistant.call('undo', { action: 'undo', steps: 2 }); // the rating, and that the study began
  const { result } = await does('undo');
  expect(result).toMatchObject({ undone: true, question: 'one' });
  expect(result).toMatchObject({ warning: expect.stringContaining('undone already') });
  expect(await engine.call('findNotes', { query: '' })).toHaveLength(1);
  expect(await engine.call('deckNames', {})).toContain('Before');
  expect((await does('undo')).text).toMatch(/nothing to undo/);
});

test('does not repeat a rating whose reply was lost, even if Anki reveals the same card again', async () => {
  await add('Basic', { Front: 'only card', Back: 'b' });
  const losesRating = backendDouble(async (name, params, options) => {
    const reply = await engine.request(name, params, options);
    if (name === 'guiAnswerCard') throw new OutcomeUnknown('the reply was lost');
    return reply;
  }, engine);
  const unlucky = await Assistant.of(losesRating);
  const call = (action: string, more: object = {}) => unlucky.call('study', { action, ...more });
  await call('start', { deck: 'D' });
  await call('reveal');
  expect((await call('rate', { rating: 1 })).text).toContain('the reply was lost');
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(1);
  await engine.call('guiShowAnswer', {}); // "Again" brings the same card back
  expect((await call('rate', { rating: 1 })).text).toContain('Call reveal before rate');
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(1);
  await unlucky.close();
});

test('undo shows the card again after the reviewer was closed in Anki', async () => {
  for (const Front of ['one', 'two']) await add('Basic', { Front, Back: 'b' });
  await does('start', { deck: 'D' });
  await does('reveal');
  await does('rate', { rating: 4 });
  await engine.call('guiDeckBrowser', {});
  expect((await does('undo')).result).toMatchObject({ undone: true, card: 1, question: 'one' });
});

test('rates and reveals cards after the reviewer was closed in Anki, and ends when no card is left', async () => {
  for (const Front of ['one', 'two']) await add('Basic', { Front, Back: 'b' });
  await does('start', { deck: 'd' });
  await does('reveal');
  await engine.call('guiDeckBrowser', {});
  expect((await does('rate', { rating: 4 })).result).toMatchObject({ rated: '4 Easy', question: 'two' });
  await engine.call('guiDeckBrowser', {});
  expect((await does('reveal')).result).toMatchObject({ question: 'two', answer: 'b' });
  expect((await does('rate', { rating: 4 })).result).toMatchObject({ rated: '4 Easy', studied: 2 });
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(2);
});

test('a session ends if its deck was deleted, and no deck of that name is created', async () => {
  await add('Basic', { Front: 'one', Back: 'b' });
  await does('start', { deck: 'D' });
  await does('reveal');
  await engine.call('deleteDecks', { decks: ['D'], cardsToo: true });
  expect((await does('rate', { rating: 3 })).result).toMatchObject({
    warning: expect.stringContaining('was deleted in the meantime'),
    studied: 0,
  });
  expect(await engine.call('deckNames', {})).toEqual(['Default']);
});

test('a card that was rated in Anki before the reviewer was closed there is not rated again', async () => {
  await add('Basic', { Front: 'one', Back: 'b' });
  await does('start', { deck: 'D' });
  await does('reveal');
  await engine.call('guiShowAnswer', {});
  await engine.call('guiAnswerCard', { ease: 1 });
  await engine.call('guiDeckBrowser', {});
  const { result } = await does('rate', { rating: 3 });
  expect(result).toMatchObject({ warning: expect.stringContaining('Nothing was rated'), question: 'one' });
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(1);
});

test('undo removes the rating from the count', async () => {
  for (const Front of ['one', 'two', 'three']) await add('Basic', { Front, Back: 'b' });
  await does('start', { deck: 'D' });
  await does('reveal');
  await does('rate', { rating: 4 });
  await does('reveal');
  expect(member(await does('rate', { rating: 1 }), 'card')).toBe(3);
  const undone = await does('undo');
  expect(undone.result).toMatchObject({ undone: true, card: 2, question: 'two' });
  expect(member(undone, 'warning')).toBeUndefined();

  expect(member(await does('undo'), 'undone')).toBe(true);
  expect((await does('undo')).text).toMatch(/nothing to undo/);
  expect((await does('stop')).result).toMatchObject({ studied: 0, ratings: { Again: 0, Easy: 0 } });
  expect(await engine.call('getNumCardsReviewedToday', {})).toBe(0);
});

test('the limit ends a session, stop returns a summary, and a misspelt deck is not created', async () => {
  for (const Front of ['a', 'b', 'c']) await add('Basic', { Front, Back: 'x' });
  await does('start', { deck: 'D', limit: 1 });
  await does('reveal');
  expect(member(await does('rate', { rating: 4 }), 'studied')).toBe(1);
  expect((await does('reveal')).text).toContain('No study session is open');
  await does('start', { deck: 'D' });
  expect(member(await does('stop'), 'studied')).toBe(0);
  expect((await does('start', { deck: 'DD' })).text).toContain('Did you mean "D"?');
  expect(await engine.call('deckNames', {})).toEqual(['D', 'Default']);
});

test('a typed cloze reveals the deletion of its own card', async () => {
  const Front = '{{cloze:Text}} {{type:cloze:Text}}';
  await engine.call('createModel', {
    modelName: 'Typed cloze',
    inOrderFields: ['Text'],
    cardTemplates: [{ Front, Back: Front }],
    isCloze: true,
  });
  await add('Typed cloze', { Text: '{{c1::one}} and {{c2::two}}' });
  const first = await does('start', { deck: 'D' });
  expect(member(first, 'question')).toBe('[...] and two [type the answer]');
  expect(member(await does('reveal'), 'answer')).toBe('one and two one');
});
