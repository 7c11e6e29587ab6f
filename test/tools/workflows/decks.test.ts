import { expect, test } from 'vitest';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { resultOf } from '../../support/both-backends.ts';
import { engine } from '../../support/saving.ts';

const decks = (args: object, more = {}) => resultOf('decks', args, engine, more);
const names = async () => (await engine.call('deckNames', {})).toSorted((a, b) => a.localeCompare(b));

/** Adds a note with one card to a deck, which is created if it does not exist. Returns the id of the card. */
async function addTo(deck: string, front: string): Promise<number> {
  await engine.call('createDeck', { deck });
  const note = { deckName: deck, modelName: 'Basic', fields: { Front: front, Back: 'x' } };
  const id = await engine.call('addNote', { note });
  const [card = 0] = await engine.call('findCards', { query: `nid:${id}` });
  return card;
}

const deckOf = async (card: number) => (await engine.call('cardsInfo', { cards: [card] }))[0]?.deckName;

test('renames a deck with its child decks; history and options stay, and one undo takes it back', async () => {
  const card = await addTo('Old::Child', 'one');
  await engine.call('answerCards', { answers: [{ cardId: card, ease: 3 }] });
  const before = await names();
  const options = await engine.call('getDeckConfig', { deck: 'Old' });
  expect(await decks({ action: 'rename', deck: 'old', to: 'New::Name' })).toEqual({
    deck: 'New::Name',
    was: 'Old',
    decks: ['New::Name', 'New::Name::Child'],
  });
  expect(await deckOf(card)).toBe('New::Name::Child');
  expect(await engine.call('getReviewsOfCards', { cards: [card] })).toMatchObject({ [card]: [{ ease: 3 }] });
  expect(await engine.call('getDeckConfig', { deck: 'New::Name' })).toEqual(options);
  await engine.call('guiUndo', {});
  expect(await names()).toEqual(before);
});

test('moves a deck under another parent and to the top', async () => {
  const card = await addTo('A::B::C', 'one');
  await engine.call('createDeck', { deck: 'Parent' });
  expect(await decks({ action: 'move', deck: 'A::B', to: 'parent' })).toMatchObject({ deck: 'Parent::B' });
  expect(await deckOf(card)).toBe('Parent::B::C');
  expect(await decks({ action: 'move', deck: 'Parent::B' })).toMatchObject({ deck: 'B' });
  expect(await deckOf(card)).toBe('B::C');
});

test('merges a deck and its child decks into another one, after a question, in one undo step', async () => {
  const own = await addTo('From', 'own');
  const shared = await addTo('From::Shared', 'shared');
  const moved = await addTo('From::Only::Deep', 'deep');
  const kept = await addTo('To::Shared', 'kept');
  const before = await names();
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return true;
  };
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  const result = await decks({ action: 'merge', deck: 'From', to: 'To' }, { ask, safeguard });
  expect(questions).toEqual([expect.stringContaining('Move 2 cards of "From" into "To" and remove 2 decks')]);
  expect(result).toEqual({
    deck: 'To',
    cards: 2,
    removed: expect.arrayContaining(['From', 'From::Shared']),
    decks: ['To', 'To::Only', 'To::Only::Deep', 'To::Shared'],
  });
  expect(await Promise.all([own, shared, moved, kept].map(deckOf))).toEqual([
    'To',
    'To::Shared',
    'To::Only::Deep',
    'To::Shared',
  ]);
  await engine.call('guiUndo', {});
  expect(await names()).toEqual(before);
  expect(await deckOf(shared)).toBe('From::Shared');
});

test('a merge takes cards out of filtered decks, and loses none', async () => {
  const card = await addTo('From', 'own');
  await engine.call('createDeck', { deck: 'To' });
  await resultOf('filteredDeck', { action: 'create', deck: 'Cram', searches: [{ search: 'front:own' }] });
  expect(await deckOf(card)).toBe('Cram');
  const merged = await decks({ action: 'merge', deck: 'From', to: 'To' });
  expect(merged).toMatchObject({ cards: 1, leftFiltered: { Cram: 1 } });
  expect(await deckOf(card)).toBe('To');
  expect(await engine.call('findCards', { query: 'deck:*' })).toEqual([card]);
});

test('Default is emptied, but stays', async () => {
  const card = await addTo('Default', 'own');
  const result = await decks({ action: 'merge', deck: 'Default', to: 'German' });
  expect(result).toMatchObject({ deck: 'German', cards: 1, removed: [] });
  expect(await deckOf(card)).toBe('German');
  expect(await names()).toContain('Default');
});

test('limits today only, and lifts the limits', async () => {
  await addTo('Today', 'one');
  await addTo('Today', 'two');
  const limits = { deck: 'Today', today: { new: 1, reviews: 0 } };
  expect(await decks({ action: 'today', deck: 'Today', new: 1, reviews: 0 })).toEqual(limits);
  expect(await decks({ action: 'today', deck: 'Today', reviews: null })).toEqual({
    deck: 'Today',
    today: { new: 1, reviews: null },
  });
  const counts = Object.values(await engine.call('getDeckStats', { decks: ['Today'] }));
  expect(counts).toMatchObject([{ new_count: 1 }]);
  await engine.call('guiUndo', {});
  await engine.call('guiUndo', {});
  expect(Object.values(await engine.call('getDeckStats', { decks: ['Today'] }))).toMatchObject([
    { new_count: 2 },
  ]);
});

test('assigns a preset by name', async () => {
  await engine.call('createDeck', { deck: 'A' });
  await engine.call('cloneDeckConfigId', { name: 'Hard', cloneFrom: 1 });
  expect(await decks({ action: 'preset', deck: 'A', to: 'hard' })).toEqual({ deck: 'A', preset: 'Hard' });
  expect(await engine.call('getDeckConfig', { deck: 'A' })).toMatchObject({ name: 'Hard' });
  await expect(decks({ action: 'preset', deck: 'A', to: 'Hrd' })).rejects.toThrow(/Did you mean "Hard"/);
});

test('assigns the preset of exactly this name if another one differs in letter case', async () => {
  await engine.call('createDeck', { deck: 'A' });
  for (const name of ['Hard', 'hard']) await engine.call('cloneDeckConfigId', { name, cloneFrom: 1 });
  for (const name of ['hard', 'Hard'])
    expect(await decks({ action: 'preset', deck: 'A', to: name })).toEqual({ deck: 'A', preset: name });
});

test.each([
  [{ action: 'rename', deck: 'A', to: 'German' }, /there is a deck "German"/],
  [{ action: 'rename', deck: 'A', to: 'A::B' }, /inside of the deck itself/],
  [{ action: 'rename', deck: 'A', to: 'x:: ' }, /is no deck name/],
  [{ action: 'rename', deck: 'A' }, /rename needs to: the new full name/],
  [{ action: 'rename', deck: 'Missing', to: 'x' }, /does not exist/],
  [{ action: 'move', deck: 'German', to: 'German::Verbs' }, /inside of the deck itself/],
  [{ action: 'move', deck: 'A', to: 'Cram' }, /"Cram" is a filtered deck, which cannot have child decks/],
  [{ action: 'merge', deck: 'German', to: 'German::Verbs' }, /is inside of it/],
  [{ action: 'merge', deck: 'A', to: 'A' }, /is the same deck/],
  [{ action: 'merge', deck: 'Cram', to: 'A' }, /is a filtered deck/],
  [{ action: 'today', deck: 'Cram', new: 1 }, /no preset and no limits of today/],
  [{ action: 'today', deck: 'A' }, /needs new or reviews/],
])('refuses %j and changes nothing, the undo list neither', async (args, message) => {
  const card = await addTo('A', 'own');
  await resultOf('filteredDeck', { action: 'create', deck: 'Cram', searches: [{ search: 'front:own' }] });
  const before = [await names(), await resultOf('undo', {})];
  await expect(decks(args)).rejects.toThrow(message);
  expect([await names(), await resultOf('undo', {})]).toEqual(before);
  expect(await deckOf(card)).toBe('Cram');
});

test.each(['a\nb', 'a\0b', 'a\u001fb', 'a\u007fb', 'a\u0085', '::', 'a::', '::a', 'a:: ::b', ' a'])(
  'a name that Anki would change is refused before anything is written: %j',
  async (name) => {
    await addTo('Old', 'own');
    const before = { names: await names(), undo: await engine.operate('undoStatus', {}) };
    await expect(decks({ action: 'rename', deck: 'Old', to: name })).rejects.toThrow(/is no deck name/);
    const searches = [{ search: 'front:own' }];
    await expect(resultOf('filteredDeck', { action: 'create', deck: name, searches })).rejects.toThrow(
      /is no deck name/,
    );
    expect({ names: await names(), undo: await engine.operate('undoStatus', {}) }).toEqual(before);
  },
);
