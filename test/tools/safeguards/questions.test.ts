import { expect, test } from 'vitest';
import { addNotes, cardsIn, guardedServer, series } from '../../support/guarded-server.ts';

test('special characters of a search match literally in names', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const names = ['a_b', 'axb', 'star*', 'start', 'co:lon', '(par)', 'back\\slash', "it's"];
  for (const name of names) await addNotes(engine, name, [name]);
  for (const name of names) await assistant.call('deleteDecks', { decks: [name], cardsToo: true });
  expect(questions).toEqual(
    names.map((name) => `Delete 1 deck (${name}) with 1 card, none of them reviewed?`),
  );
});

test('counts more notes than fit into one search', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const notes = await addNotes(engine, 'D', series('n', 5002));
  await assistant.call('deleteNotes', { notes });
  expect(questions[0]).toMatch(/^Delete 5,002 notes/);
});

test('asks once for all calls of a batch and of nested batches', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  const remove = (note: number) => ({ action: 'deleteNotes', params: { notes: [note] } });
  const drop = { action: 'deleteDecks', params: { decks: ['D'], cardsToo: true } };
  const actions = [
    { action: 'createDeck', params: { deck: 'New' } },
    remove(first),
    { action: 'multi', params: { actions: [remove(second), drop] } },
  ];
  expect((await assistant.call('multi', { actions })).isError).toBe(true);
  expect(questions).toEqual([
    'Do all of the following?\n- Delete 1 deck (D) with 2 cards, none of them reviewed\n- Delete 2 notes ("a", "b") with 2 cards, none of them reviewed',
  ]);
  expect(await engine.call('deckNames', {})).toEqual(['D', 'Default']);
});

test('asks about a deck that the same batch creates and deletes', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  await addNotes(engine, 'D', ['a']);
  const cards = await cardsIn(engine, 'D');
  const actions = [
    { action: 'changeDeck', params: { cards, deck: 'Elsewhere' } },
    { action: 'deleteDecks', params: { decks: ['Elsewhere'], cardsToo: true } },
  ];
  expect((await assistant.call('multi', { actions })).isError).toBe(true);
  expect(questions).toEqual(['Delete 1 deck (Elsewhere) with 1 card, none of them reviewed?']);
  expect(await cardsIn(engine, 'D')).toEqual(cards);
});

test('counts the cards that a batch moves into a deck before it deletes the deck', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  await addNotes(engine, 'D', series('d', 9));
  await addNotes(engine, 'Small', ['s']);
  const cards = await cardsIn(engine, 'D');
  const actions = [
    { action: 'changeDeck', params: { cards: cards.slice(0, 4), deck: 'small' } },
    { action: 'changeDeck', params: { cards: cards.slice(2, 6), deck: 'Small::Below' } },
    { action: 'changeDeck', params: { cards, deck: 'Smaller' } },
    { action: 'deleteDecks', params: { decks: ['Small'], cardsToo: true } },
  ];
  await assistant.call('multi', { actions });
  expect(questions).toEqual([expect.stringMatching(/^Delete 1 deck \(Small\).* with 7 cards, none/)]);
});

test.each([
  [
    'modelFieldRename',
    'oldFieldName',
    'newFieldName',
    'modelFieldRemove',
    'fieldName',
    'field',
    ['Front', 'Back'],
  ],
  [
    'modelTemplateRename',
    'oldTemplateName',
    'newTemplateName',
    'modelTemplateRemove',
    'templateName',
    'card template',
    ['Card 1', 'Card 2'],
  ],
])(
  'after %s in a batch, the question about %5$s names no content of the former name',
  async (rename, from, to, remove, key, part, [first, second]) => {
    const { assistant, engine, questions } = await guardedServer('decline');
    const modelName = 'Basic (and reversed card)';
    await addNotes(engine, 'D', []);
    const fields = { Front: 'question', Back: 'answer' };
    await engine.call('addNote', { note: { deckName: 'D', modelName, fields } });
    const renamed = (old: string | undefined, now: string | undefined) => ({
      action: rename,
      params: { modelName, [from]: old, [to]: now },
    });
    const removed = { action: remove, params: { modelName, [key]: first } };
    await assistant.call('multi', { actions: [renamed(first, 'X'), renamed(second, first), removed] });
    expect(questions).toEqual([
      `Delete the ${part} "${first}" of the note type ${modelName} with 2 cards, none of them reviewed, by the name that it has after the renames of the same batch?`,
    ]);
  },
);

test.each<[string, object, string]>([
  [
    'modelFieldRemove',
    { modelName: 'We_ird: (1)', fieldName: 'Extra (x)' },
    'Delete the field "Extra (x)" of the note type We_ird: (1), with its content in 1 of 2 notes ("more")?',
  ],
  [
    'modelTemplateRemove',
    { modelName: 'We_ird: (1)', templateName: 'Two' },
    'Delete the card template "Two" of the note type We_ird: (1) with 2 cards, none of them reviewed ("one", "two")?',
  ],
  [
    'findAndReplaceInModels',
    { modelName: null, findText: '<i>', replaceText: '<b>', css: false },
    'Replace "<i>" with "<b>" in the templates or CSS of 1 note type (We_ird: (1)) with 4 cards, none of them reviewed?',
  ],
  [
    'replaceTagsInAllNotes',
    { tag_to_replace: 'a.b', replace_with_tag: 'c' },
    'Replace "a.b" with "c" in the tags of 1 note ("one")?',
  ],
  [
    'removeEmptyNotes',
    {},
    'Delete 6 note types without notes (Basic, Basic (and reversed card), Basic (optional reversed card), Basic (type in the answer), Cloze, 1 more)?',
  ],
  ['deleteMediaFile', { filename: 'p_q.png' }, 'Move 1 media file (p_q.png), used in 1 note, to the trash?'],
  [
    'importPackage',
    { path: '/tmp/x.apkg' },
    'Do all of the following?\n- Read the file "/tmp/x.apkg", which is outside the allowed folders\n- Merge the package x.apkg into this collection with 4 cards, none of them reviewed',
  ],
  [
    'guiImportFile',
    { path: '/tmp/x.csv' },
    'Do all of the following?\n- Read the file "/tmp/x.csv", which is outside the allowed folders\n- Import the file x.csv into this collection with 4 cards, none of them reviewed',
  ],
])('%s asks for confirmation', async (name, args, question) => {
  const { assistant, engine, questions } = await guardedServer('decline');
  await engine.call('createModel', {
    modelName: 'We_ird: (1)',
    inOrderFields: ['Front', 'Extra (x)'],
    cardTemplates: [
      { Name: 'One', Front: '<i>{{Front}}</i>', Back: 'b' },
      { Name: 'Two', Front: '2 {{Front}}', Back: 'b' },
    ],
  });
  const note = (fields: Record<string, string>, tags: string[]) => ({
    deckName: 'Default',
    modelName: 'We_ird: (1)',
    fields,
    tags,
  });
  await engine.call('addNotes', {
    notes: [
      note({ Front: 'one', 'Extra (x)': 'more' }, ['a.b']),
      note({ Front: 'two<img src="p_q.png">' }, ['a.b::c', 'x::a.b']),
    ],
  });
  const before = await engine.call('findModelsByName', { modelNames: ['We_ird: (1)'] });
  expect((await assistant.call(name, { ...args })).isError).toBe(true);
  const [actual = ''] = questions;
  expect(actual.replace('"two[image: p_q.png]"', '"two"')).toBe(question);
  expect(await engine.call('findModelsByName', { modelNames: ['We_ird: (1)'] })).toEqual(before);
});

test('asks before deleting deck options and before changing the type of a note', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const notes = await addNotes(engine, 'D', ['a']);
  const configId = await engine.call('cloneDeckConfigId', { name: 'Mine' });
  await engine.request('setDeckConfigId', { decks: ['D'], configId });
  await assistant.call('removeDeckConfigId', { configId });
  await assistant.call('updateNoteModel', {
    note: { id: notes[0], modelName: 'Cloze', fields: { Text: '{{c1::a}}' } },
  });
  expect(questions).toEqual([
    'Delete the deck options "Mine", used by 1 deck (D)?',
    'Change the type of 1 note ("a") with 1 card, none of them reviewed, to Cloze, and empty the fields without a new value?',
  ]);
});
