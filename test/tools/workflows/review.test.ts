import { expect, test } from 'vitest';
import { bothBackends, resultOf } from '../../support/both-backends.ts';
import { guardedServer } from '../../support/guarded-server.ts';
import { basic, card, count, engine, saveRaw } from '../../support/saving.ts';

const review = { ...basic, review: true };

test.each(bothBackends)(
  'on %s, a client without panels and questions gets the drafts as text, and nothing is saved',
  async (_name, connect) => {
    const { backend } = await connect();
    await saveRaw({ ...basic, notes: [card('old', 'known')] }, backend);
    const notes = [card('new', '<b>bold</b>'), card('old', 'other'), card('', 'no front')];
    const result = await resultOf('saveNotes', { ...review, notes }, backend);
    expect(await count()).toBe(1);
    expect(result).toMatchObject({ created: 1, alreadyThere: 1, invalid: 1 });
    const text = String(result['review']);
    expect(text).toContain('Nothing is saved yet. Show these notes to the user');
    expect(text).toContain('notes[0]: created, Basic in German::Verbs\n  Front: new\n  Back: bold');
    expect(text).toMatch(/Note \d+ in Anki \(German::Verbs\):\n {4}Front: old\n {4}Back: known/);
    expect(text).toContain('notes[2]: invalid');
  },
);

test('the text of a large review stays within the limit', async () => {
  const notes = Array.from({ length: 200 }, (_, index) => card(`front ${index} ${'x'.repeat(500)}`));
  const result = await resultOf('saveNotes', { ...review, notes }, engine, { maxResult: 8_000 });
  expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(8_000);
  expect(result).toMatchObject({ created: 200 });
});

test('a client that can ask saves all drafts after the user accepted them', async () => {
  const server = await guardedServer('accept');
  await server.engine.call('createDeck', { deck: 'German::Verbs' });
  const notes = [card('one', '$x^2$', { tags: ['t'] }), card('two')];
  const { result } = await server.assistant.call('saveNotes', { ...review, notes });
  expect(server.questions).toEqual([
    expect.stringMatching(/^Save these 2 notes\nnotes\[0\]: created.*Front: one/s),
  ]);
  expect(result).toMatchObject({ created: 2, review: expect.stringContaining('2 accepted') });
  expect(await server.engine.call('findNotes', { query: 'tag:t' })).toHaveLength(1);
});

test('a question contains the whole text of all notes, also their files and the notes that they change', async () => {
  const server = await guardedServer('accept');
  await server.engine.call('createDeck', { deck: 'German::Verbs' });
  const [long, old] = ['word '.repeat(200), 'old '.repeat(200)].map((text) => `${text}end`);
  await server.assistant.call('saveNotes', { ...basic, notes: [card('known', old)] });
  const tags = Array.from({ length: 60 }, (_, index) => `tag${index}`);
  const notes = [card('one', `${long}<img src="a.png">[sound:b.mp3]`, { tags }), card('known', 'new')];
  const { isError } = await server.assistant.call('saveNotes', { ...review, notes, onDuplicate: 'update' });
  expect(isError).toBe(false);
  const [question] = server.questions;
  for (const part of [`Back: ${long} [a.png] [b.mp3]`, 'tag59', `Back: ${old}`, 'Back: new'])
    expect(question).toContain(part);
});

test.each([
  ['one long note', [card('one', 'x'.repeat(5_000))]],
  ['many notes', Array.from({ length: 100 }, (_, index) => card(`front ${index}`))],
])('the user is not asked about notes that do not fit into a question: %s', async (_name, notes) => {
  const server = await guardedServer('accept');
  await server.engine.call('createDeck', { deck: 'German::Verbs' });
  const { result } = await server.assistant.call('saveNotes', { ...review, notes });
  expect(server.questions).toEqual([]);
  expect(result).toMatchObject({
    created: notes.length,
    review: expect.stringMatching(/^Nothing is saved yet, and the user was not asked: .*Review fewer notes/),
  });
  expect(await server.engine.call('findNotes', { query: '' })).toEqual([]);
});

test('nothing is saved after the user declined, and the rows of a table are reviewed in the same way', async () => {
  const server = await guardedServer('decline');
  await server.engine.call('createDeck', { deck: 'German::Verbs' });
  const calls = [
    ['saveNotes', { ...review, notes: [card('one')] }],
    ['importNotes', { ...review, text: 'Front,Back\none,1\ntwo,2', header: true }],
  ] as const;
  for (const [name, args] of calls) {
    const { isError, text } = await server.assistant.call(name, args);
    expect([isError, text]).toEqual([true, expect.stringContaining('The user declined')]);
  }
  expect(server.questions[1]).toContain('row 2: created');
  expect(await server.engine.call('findNotes', { query: '' })).toEqual([]);
});

test('the engine renders the cards of a note that does not exist', async () => {
  const render = (noteType: string, fields: Record<string, string>) =>
    engine.operate('renderNote', { noteType, fields, tags: [], maxCards: 3 });
  const reversed = await render('Basic (and reversed card)', { Front: 'a [sound:x.mp3]', Back: 'b' });
  expect(
    reversed.map(({ ordinal, question }) => [ordinal, question.replace(/<style>[^]*<\/style>/, '')]),
  ).toEqual([
    [0, 'a [anki:play:q:0]'],
    [1, 'b'],
  ]);
  const cloze = await render('Cloze', { Text: '{{c3::x}} {{c1::y}}' });
  expect(cloze.map(({ ordinal }) => ordinal)).toEqual([0, 2]);
  expect(await render('Basic', { Front: '', Back: 'b' })).toEqual([]);
  expect(await count()).toBe(0);
});
