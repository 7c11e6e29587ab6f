import { expect, test } from 'vitest';
import { filteredOrders } from '../../../src/contract/engine/filtered-deck.ts';
import { dateInDays } from '../../../src/tools/anki-day.ts';
import { Assistant } from '../../support/assistant.ts';
import { resultOf } from '../../support/both-backends.ts';
import { desktop } from '../../support/desktop.ts';
import { basic, card, engine, save } from '../../support/saving.ts';

const filtered = (args: object) => resultOf('filteredDeck', args);
const deckName = basic.deckName;
const cards = (query: string) => engine.call('findCards', { query });

/** Adds notes with one card each, and returns the card ids. */
async function add(count: number, tag = 'plain'): Promise<readonly number[]> {
  const notes = Array.from({ length: count }, (_, at) => card(`${tag} ${at}`, 'x', { tags: [tag] }));
  await save({ ...basic, notes });
  return cards(`tag:${tag}`);
}

const stored = async (ids: readonly number[]) =>
  (await engine.call('cardsInfo', { cards: ids })).map(
    ({ cardId, deckName: deck, due, interval = 0, queue, type, lapses }) => ({
      cardId,
      deck,
      due,
      interval,
      queue,
      type,
      lapses,
    }),
  );

test('creates a deck from searches, says what came and what did not, and one undo takes it back', async () => {
  const [suspended = 0, ...rest] = await add(4);
  await engine.call('suspend', { cards: [suspended] });
  const searches = [{ search: 'tag:plain', limit: 2, order: 'added' }, { search: 'tag:missing' }];
  const result = await filtered({ action: 'create', deck: 'Special', searches });
  expect(result).toMatchObject({
    deck: 'Special',
    cards: 2,
    searches: [
      { search: 'tag:plain', found: 4, usable: 3, limit: 2, order: 'added', why: '1 suspended: not taken' },
      { search: 'tag:missing', found: 0, why: expect.any(String) },
    ],
    scheduling: expect.stringMatching(/Answers count/),
  });
  expect(await cards('deck:Special')).toEqual(rest.slice(0, 2));
  expect(await engine.operate('undoStatus', {})).toMatchObject({ undo: 'Build filtered deck' });
  await engine.operate('undo', { steps: 1 });
  expect(await engine.call('deckNames', {})).not.toContain('Special');
  expect(await cards(`deck:${deckName}`)).toHaveLength(4);
});

test('lists, changes, empties, rebuilds and deletes a filtered deck; its cards go back', async () => {
  await add(3);
  await add(2, 'other');
  await filtered({ action: 'create', deck: 'Special', searches: [{ search: 'tag:plain' }] });
  const { decks } = await filtered({ action: 'list' });
  expect(decks).toMatchObject([
    { deck: 'Special', cards: 3, searches: [{ search: 'tag:plain', order: 'random' }] },
  ]);
  const changed = await filtered({
    action: 'change',
    deck: 'special',
    rename: 'Renamed',
    reschedule: false,
    searches: [{ search: 'tag:other' }],
  });
  expect(changed).toMatchObject({
    deck: 'Renamed',
    cards: 2,
    scheduling: expect.stringMatching(/A preview/),
  });
  expect(await filtered({ action: 'empty', deck: 'Renamed' })).toMatchObject({
    cards: 0,
    outcome: '2 cards went back to their own decks.',
  });
  expect(await filtered({ action: 'rebuild', deck: 'Renamed' })).toMatchObject({ cards: 2 });
  await filtered({ action: 'rebuild', deck: 'Renamed' });
  expect((await stored(await cards('tag:other'))).map(({ deck }) => deck)).toEqual(['Renamed', 'Renamed']);
  const deleted = await filtered({ action: 'delete', deck: 'Renamed' });
  expect(deleted['outcome']).toBe('Deleted. 2 cards went back to their own decks.');
  expect(await cards(`deck:${deckName}`)).toHaveLength(5);
});

test('the presets of custom study collect what their names say', async () => {
  const [forgotten = 0, known = 0, unseen = 0] = await add(3);
  await engine.call('answerCards', {
    answers: [
      { cardId: forgotten, ease: 1 },
      { cardId: known, ease: 4 },
    ],
  });
  await engine.call('setDueDate', { cards: [known], days: '5' });
  const make = async (args: object) => {
    const result = await filtered({ action: 'create', deck: 'P', from: deckName, ...args });
    const inside = await cards('deck:P');
    await filtered({ action: 'delete', deck: 'P' });
    return { ...result, inside };
  };
  expect(await make({ preset: 'forgotten' })).toMatchObject({ inside: [forgotten] });
  expect(await make({ preset: 'ahead', days: 6 })).toMatchObject({
    inside: expect.arrayContaining([known]),
    scheduling: expect.stringMatching(/Answers count/),
  });
  expect(await make({ preset: 'new' })).toMatchObject({ inside: [unseen] });
  expect(await make({ preset: 'tag', tag: 'plain' })).toMatchObject({
    inside: expect.arrayContaining([known, unseen]),
  });
  const exam = await make({ preset: 'exam', date: dateInDays(6) });
  expect(exam).toMatchObject({
    inside: expect.arrayContaining([known, unseen]),
    advice: 'The exam is in 6 days: 1 cards a day. Rebuild the deck each day.',
  });
  const soon = await make({ preset: 'exam', date: dateInDays(2), tag: 'plain' });
  expect(soon.inside).not.toContain(known);
});

test('a deck below a filtered one is refused, and the undo list stays', async () => {
  await add(2);
  const searches = [{ search: 'tag:plain', limit: 1 }];
  await filtered({ action: 'create', deck: 'Special', searches });
  const undo = await engine.operate('undoStatus', {});
  await expect(filtered({ action: 'create', deck: 'special::Child', searches })).rejects.toThrow(
    /"Special" is a filtered deck, which cannot have child decks/,
  );
  expect(await engine.operate('undoStatus', {})).toEqual(undo);
});

test('a deck below a filtered one is refused in any composition of its characters, and the undo list stays', async () => {
  await add(2);
  const searches = [{ search: 'tag:plain', limit: 1 }];
  await filtered({ action: 'create', deck: 'Caf\u00e9', searches });
  const undo = await engine.operate('undoStatus', {});
  await expect(filtered({ action: 'create', deck: 'Cafe\u0301::Child', searches })).rejects.toThrow(
    /is a filtered deck, which cannot have child decks/,
  );
  expect(await engine.operate('undoStatus', {})).toEqual(undo);
});

test.each([
  [{ action: 'create', deck: 'X', searches: [{ search: 'tag:none-such' }] }, /would have no cards/],
  [
    { action: 'create', deck: 'german::verbs', searches: [{ search: 'deck:*' }] },
    /there is a deck "german::verbs" already/,
  ],
  [{ action: 'create', deck: 'X', searches: [{ search: 'a) or (b' }] }, /Anki's search syntax/],
  [{ action: 'create', deck: 'X', preset: 'exam', date: '2020-01-01' }, /a day from today on as YYYY-MM-DD/],
  [{ action: 'create', deck: 'X', preset: 'exam', date: '2099-02-31' }, /a day from today on as YYYY-MM-DD/],
  [{ action: 'create' }, /create needs preset .* or deck/],
  [{ action: 'create', preset: 'new', from: 'German::Verb' }, /Did you mean "German::Verbs"/],
  [
    { action: 'create', deck: 'X', searches: [{ search: 'deck:*', order: 'best' }] },
    /One of: oldest seen, random/,
  ],
  [{ action: 'rebuild', deck: 'German::Verbs' }, /^Nothing was changed: "German::Verbs" is a normal deck/],
  [{ action: 'delete', deck: 'german' }, /"German" is a normal deck.*deleteDecks deletes it/],
  [{ action: 'delete', deck: 'None' }, /^Nothing was changed: Deck "None" does not exist/],
])('%j is refused with a sentence that says what to do, and the undo list stays', async (args, message) => {
  await add(1);
  const undo = await engine.operate('undoStatus', {});
  await expect(filtered(args)).rejects.toThrow(message);
  expect(await engine.operate('undoStatus', {})).toEqual(undo);
});

test('every order builds a deck; recall orders need FSRS', async () => {
  await add(2);
  for (const order of filteredOrders.filter((each) => each !== 'overdue')) {
    const args = { action: 'create', deck: order, searches: [{ search: 'tag:plain', order }] };
    if (order.endsWith('recall')) await expect(filtered(args)).rejects.toThrow(/needs FSRS, which is off/);
    else {
      expect(await filtered(args)).toMatchObject({ cards: 2 });
      await filtered({ action: 'delete', deck: order });
    }
  }
  await resultOf('fsrs', { action: 'set', deck: 'Default', on: true, apply: true });
  for (const order of ['lowest recall', 'highest recall']) {
    const searches = [{ search: 'tag:plain', order }];
    expect(await filtered({ action: 'create', deck: order, searches })).toMatchObject({ cards: 2 });
    await filtered({ action: 'delete', deck: order });
  }
});

test.each([
  [false, 'in a preview, no card changes'],
  [true, 'answers schedule the cards'],
])('study works in a filtered deck with reschedule %j: %s', async (reschedule) => {
  const ids = await add(2);
  await engine.call('setDueDate', { cards: ids, days: '3!' });
  const before = await stored(ids);
  await filtered({ action: 'create', deck: 'Special', reschedule, searches: [{ search: 'tag:plain' }] });
  const assistant = await Assistant.of(engine);
  const study = async (args: Readonly<Record<string, unknown>>) => {
    const { isError, text } = await assistant.call('study', args);
    expect(isError, text).toBe(false);
    return text;
  };
  expect(await study({ action: 'start', deck: 'Special' })).toContain('question');
  for (const _ of ids) {
    await study({ action: 'reveal' });
    await study({ action: 'rate', rating: 3 });
  }
  expect(await cards('deck:Special')).toEqual([]);
  const after = await stored(ids);
  const reviews = Object.values(await engine.call('getReviewsOfCards', { cards: ids })).flat();
  expect(reviews.filter(({ factor, ease }) => ease > 0 && factor > 0)).toHaveLength(reschedule ? 2 : 0);
  if (reschedule) expect(after.map(({ deck }) => deck)).toEqual(before.map(({ deck }) => deck));
  else expect(after).toEqual(before);
  await assistant.close();
});

test('a desktop gets a sentence that says what to do', async () => {
  const { backend, close } = await desktop(engine);
  await expect(resultOf('filteredDeck', { action: 'list' }, backend)).rejects.toThrow(
    /Close Anki and repeat the call/,
  );
  await close();
});
