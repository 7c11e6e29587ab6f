import { expect, test } from 'vitest';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { addNotes, cardsIn, guardedServer, series } from '../../support/guarded-server.ts';

const fieldsOf = async (engine: Engine, notes: readonly number[]) =>
  (await engine.call('notesInfo', { notes })).map(({ fields = {} }) => fields['Back']?.value);

const png = Buffer.from('first').toString('base64');
const otherPng = Buffer.from('second').toString('base64');

test('saveNotes asks before it overwrites more than fifty notes, and changes nothing if the user declines', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const ids = await addNotes(engine, 'D', series('n', 60));
  const notes = ids.map((id) => ({ id, fields: { Back: '' } }));
  const added = { deckName: 'New', modelName: 'Basic', fields: { Front: 'x' } };
  const { isError, text } = await assistant.call('saveNotes', {
    notes: [...notes, added],
    createDecks: true,
  });
  expect(isError).toBe(true);
  expect(text).toContain('nothing was changed');
  expect(questions).toEqual([expect.stringMatching(/^Overwrite the fields of 60 notes \("n \d+", /)]);
  expect(new Set(await fieldsOf(engine, ids))).toEqual(new Set(['b']));
  expect(await engine.call('deckNames', {})).toEqual(['D', 'Default']);
});

test('saveNotes asks once, and makes a backup, before it overwrites many notes', async () => {
  const { assistant, engine, questions, backups } = await guardedServer('accept', { backup: 'auto' });
  const ids = await addNotes(engine, 'D', series('n', 60));
  const notes = ids.map((id) => ({ id, fields: { Back: 'new' } }));
  expect((await assistant.call('saveNotes', { notes, dryRun: true })).isError).toBe(false);
  expect(questions).toEqual([]);
  const { text } = await assistant.call('saveNotes', { notes });
  expect(text).toContain('"updated":60');
  expect(questions).toHaveLength(1);
  expect(backups()).toHaveLength(1);
  expect(new Set(await fieldsOf(engine, ids))).toEqual(new Set(['new']));
});

test('without elicitation, saveNotes makes a backup and goes on, and --confirm always refuses', async () => {
  const lenient = await guardedServer(undefined, { backup: 'auto' });
  const edit = (ids: readonly number[]) => ({ notes: ids.map((id) => ({ id, fields: { Back: 'new' } })) });
  const ids = await addNotes(lenient.engine, 'D', series('n', 60));
  const saved = await lenient.assistant.call('saveNotes', edit(ids));
  expect(saved.text).toMatch(/"updated":60[^]*Backup: /);
  const strict = await guardedServer(undefined, { confirm: 'always' });
  const kept = await addNotes(strict.engine, 'D', series('n', 60));
  const { isError, text } = await strict.assistant.call('saveNotes', edit(kept));
  expect([isError, text]).toEqual([true, expect.stringContaining('--confirm always')]);
  expect(new Set(await fieldsOf(strict.engine, kept))).toEqual(new Set(['b']));
});

test('asks before a batch that overwrites more than fifty notes with different actions', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const ids = await addNotes(engine, 'D', series('n', 60));
  const actions = ids.map((id, index) => ({
    action: index % 2 === 0 ? 'updateNote' : 'updateNoteFields',
    params: { note: { id, fields: { Front: '' } } },
  }));
  expect((await assistant.call('multi', { actions })).isError).toBe(true);
  expect(questions).toEqual([
    expect.stringMatching(
      /^Do all of the following\?\n- Overwrite the fields of 30 notes.*\n- Overwrite the fields of 30/,
    ),
  ]);
});

test.each([
  ['suspend', {}, /^Suspend 101 cards/],
  ['changeDeck', { deck: 'Elsewhere' }, /^Move 101 cards .* to Elsewhere\?$/],
])('%s asks from 101 cards on', async (name, more, question) => {
  const { assistant, engine, questions } = await guardedServer('decline');
  await addNotes(engine, 'D', series('n', 101));
  const cards = await cardsIn(engine, 'D');
  expect((await assistant.call(name, { cards, ...more })).isError).toBe(true);
  expect(questions).toEqual([expect.stringMatching(question)]);
  expect((await assistant.call(name, { cards: cards.slice(0, 13), ...more })).isError).toBe(false);
  expect(questions).toHaveLength(1);
});

test.each([
  ['removeTags', { tags: 't' }, 'Remove tags (t) from 101 notes'],
  ['removeTags', { tags: '*' }, 'Remove tags (*) from 101 notes'],
  [
    'replaceTags',
    { tag_to_replace: 't', replace_with_tag: 'u' },
    'Replace "t" with "u" in the tags of 101 notes',
  ],
])('%s %j asks from 101 notes on', async (name, more, question) => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const notes = await addNotes(engine, 'D', series('n', 101));
  expect((await assistant.call(name, { notes, ...more })).isError).toBe(true);
  expect(questions).toEqual([expect.stringContaining(question)]);
  expect((await assistant.call('addTags', { notes, tags: 'more' })).isError).toBe(false);
  expect((await assistant.call('removeTags', { notes, tags: 'absent' })).isError).toBe(false);
  expect(questions).toHaveLength(1);
});

test('asks before new templates or CSS for a note type with more than fifty notes', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const notes = await addNotes(engine, 'D', series('n', 51));
  const templates = { 'Card 1': { Front: '{{Front}}!' } };
  await assistant.call('updateModelTemplates', { model: { name: 'Basic', templates } });
  await assistant.call('updateModelStyling', { model: { name: 'Basic', css: 'x' } });
  expect(questions).toEqual([
    'Replace 1 card template (Card 1) of the note type Basic with 51 cards, none of them reviewed?',
    'Replace the CSS of the note type Basic with 51 cards, none of them reviewed?',
  ]);
  await engine.call('deleteNotes', { notes: notes.slice(0, 30) });
  expect((await assistant.call('updateModelStyling', { model: { name: 'Basic', css: 'x' } })).isError).toBe(
    false,
  );
  expect(questions).toHaveLength(2);
});

test('asks before a media file is replaced by other content, also by an attachment', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  await assistant.call('storeMediaFile', { filename: 'a.png', data: png });
  await assistant.call('storeMediaFile', { filename: 'a.png', data: png });
  await assistant.call('storeMediaFile', { filename: 'a.png', data: otherPng, deleteExisting: false });
  const note = (data: string) => ({
    note: {
      deckName: 'Default',
      modelName: 'Basic',
      fields: { Front: `f ${data}` },
      picture: [{ filename: 'a.png', data, fields: ['Front'] }],
    },
  });
  expect((await assistant.call('addNote', note(png))).isError).toBe(false);
  expect(questions).toEqual([]);
  expect((await assistant.call('storeMediaFile', { filename: 'a.png', data: otherPng })).isError).toBe(true);
  expect((await assistant.call('addNote', note(otherPng))).isError).toBe(true);
  expect(questions).toEqual([
    'Replace 1 media file (a.png), used in 1 note, by other content?',
    'Replace 1 media file (a.png), used in 1 note, by other content?',
  ]);
  expect(await engine.call('retrieveMediaFile', { filename: 'a.png' })).toBe(png);
});

test('asks before the database check, and before raw values of many cards are written', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  await addNotes(engine, 'D', series('n', 21));
  const cards = await cardsIn(engine, 'D');
  await assistant.call('guiCheckDatabase');
  const set = (key: string) => ({
    actions: cards.map((card) => ({
      action: 'setSpecificValueOfCard',
      params: { card, keys: [key], newValues: [1] },
    })),
  });
  expect((await assistant.call('multi', set('flags'))).isError).toBe(false);
  expect((await assistant.call('multi', set('due'))).isError).toBe(true);
  expect(questions).toEqual([
    expect.stringMatching(/^Check and repair the database of this collection with 21 cards/),
    expect.stringMatching(/^Overwrite stored values of 21 cards/),
  ]);
});

test('many small calls of a session add up, also if they run at the same time', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const notes = await addNotes(engine, 'D', series('n', 60));
  const cards = await cardsIn(engine, 'D');
  const slices = [0, 20, 40].map((start) => cards.slice(start, start + 20));
  const forgotten = await Promise.all(slices.map((slice) => assistant.call('forgetCards', { cards: slice })));
  expect(forgotten.filter(({ isError }) => isError)).toHaveLength(2);
  expect(questions).toHaveLength(2);
  expect(questions[0]).toMatch(/^Make 20 cards .* after 20 other cards in this session\?$/);
  for (const id of notes) await assistant.call('updateNoteFields', { note: { id, fields: { Back: 'new' } } });
  expect(await fieldsOf(engine, notes)).toEqual([
    ...series('', 50).map(() => 'new'),
    ...series('', 10).map(() => 'b'),
  ]);
});

test('a confirmed question starts the count again', async () => {
  const { assistant, engine, questions } = await guardedServer('accept');
  await addNotes(engine, 'D', series('n', 80));
  const cards = await cardsIn(engine, 'D');
  for (const start of [0, 20, 40, 60])
    await assistant.call('forgetCards', { cards: cards.slice(start, start + 20) });
  expect(questions).toHaveLength(2);
});

test('does not ask about usual work', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const add = { deckName: 'Default', modelName: 'Basic' };
  const many = series('new', 200).map((Front) => ({ ...add, fields: { Front, Back: '' } }));
  expect((await assistant.call('saveNotes', { notes: many })).isError).toBe(false);
  const notes = await engine.call('findNotes', { query: '' });
  const cards = await engine.call('findCards', { query: '' });
  await assistant.call('addTags', { notes, tags: 'all' });
  await assistant.call('suspend', { cards: cards.slice(0, 13) });
  // An empty field loses nothing.
  await assistant.call('saveNotes', { notes: notes.map((id) => ({ id, fields: { Back: 'filled' } })) });
  for (const id of notes.slice(0, 12))
    await assistant.call('updateNoteFields', { note: { id, fields: { Back: 'corrected' } } });
  for (const cardId of cards.slice(20, 60))
    await assistant.call('answerCards', { answers: [{ cardId, ease: 3 }] });
  expect(questions).toEqual([]);
  expect(await engine.call('findCards', { query: 'prop:reps>0' })).toHaveLength(40);
  expect(await engine.call('findNotes', { query: 'back:corrected' })).toHaveLength(12);
});

test('does not count what the user declined', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const [note = 0] = await addNotes(engine, 'D', series('d', 60));
  await addNotes(engine, 'E', series('e', 60));
  const suspend = async (deck: string) => ({ cards: await cardsIn(engine, deck) });
  const actions = [
    { action: 'suspend', params: await suspend('D') },
    { action: 'deleteNotes', params: { notes: [note] } },
  ];
  expect((await assistant.call('multi', { actions })).isError).toBe(true);
  expect((await assistant.call('suspend', await suspend('E'))).isError).toBe(false);
  expect(questions).toHaveLength(1);
  expect((await assistant.call('suspend', await suspend('D'))).isError).toBe(true);
  expect(questions[1]).toMatch(/none of them reviewed, after 60 other cards in this session\?$/);
});

test('asks before modelTemplateAdd replaces the template of more than fifty notes, not before it adds one', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  await addNotes(engine, 'D', series('n', 51));
  const before = await engine.call('modelTemplates', { modelName: 'Basic' });
  const add = (Name: string) =>
    assistant.call('modelTemplateAdd', {
      modelName: 'Basic',
      template: { Name, Front: '{{Back}}', Back: '{{Front}}' },
    });
  expect((await add('Card 1')).isError).toBe(true);
  expect(questions).toEqual([
    'Replace the card template Card 1 of the note type Basic with 51 cards, none of them reviewed?',
  ]);
  expect(await engine.call('modelTemplates', { modelName: 'Basic' })).toEqual(before);
  expect((await add('Card 2')).isError).toBe(false);
});
