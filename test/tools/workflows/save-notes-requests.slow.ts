import { expect, test } from 'vitest';
import { OutcomeUnknown } from '../../../src/contract/errors.ts';
import { desktop } from '../../support/desktop.ts';
import {
  Watched,
  basic,
  card,
  count,
  engine,
  fieldsOf,
  one,
  save,
  saveRaw,
  png,
} from '../../support/saving.ts';

/** Returns 100 notes: 45 new, 20 duplicates, 20 updates and 15 invalid ones. */
async function hundred() {
  const old = Array.from({ length: 20 }, (_, at) => card(`old ${at}`, 'b'));
  const there = (await save({ ...basic, notes: old })).notes.map(({ id }) => id);
  const notes = [
    ...Array.from({ length: 40 }, (_, at) => card(`new ${at}`)),
    ...Array.from({ length: 10 }, (_, at) => card(`old ${at}`, 'other')),
    ...Array.from({ length: 10 }, (_, at) => card(`new ${at}`, 'other')),
    ...Array.from({ length: 20 }, (_, at) => ({ id: there[at], fields: { Back: `changed ${at}` } })),
    ...Array.from({ length: 5 }, () => card('')),
    ...Array.from({ length: 5 }, () => ({ fields: { Fornt: 'x' } })),
    ...Array.from({ length: 5 }, (_, at) => card(`deck ${at}`, 'x', { deckName: 'No' })),
    ...Array.from({ length: 5 }, (_, at) => card(`also ${at}`)),
  ];
  const outcomes = [
    ...Array.from({ length: 40 }, () => 'created'),
    ...Array.from({ length: 10 }, () => 'alreadyThere'),
    ...Array.from({ length: 10 }, () => 'twiceInCall'),
    ...Array.from({ length: 20 }, () => 'updated'),
    ...Array.from({ length: 15 }, () => 'invalid'),
    ...Array.from({ length: 5 }, () => 'created'),
  ];
  return { notes, outcomes, there };
}

test('saves 100 notes, some duplicate or invalid, with 4 requests', async () => {
  const { notes, outcomes, there } = await hundred();
  const watched = new Watched(engine);
  const saved = await save({ ...basic, notes }, watched);
  expect(saved.notes.map(({ outcome }) => outcome)).toEqual(outcomes);
  expect(saved.notes.slice(40, 50).map(({ id }) => id)).toEqual(there.slice(0, 10));
  expect(saved.notes.slice(50, 60).map(({ id }) => id)).toEqual(saved.notes.slice(0, 10).map(({ id }) => id));
  expect(watched.requests).toEqual([
    'deckNamesAndIds+modelNamesAndIds+findModelsByName+notesInfo',
    'notesInfo+getDeckConfig',
    'addNotes+updateNote',
    'notesInfo+guiSelectedNotes+getDecks',
  ]);
  expect(await count()).toBe(65);
  const fresh = await fieldsOf(saved.notes[7]?.id);
  expect(fresh).toEqual({ Front: 'new 7', Back: 'x' });
  expect(await fieldsOf(there[19])).toEqual({ Front: 'old 19', Back: 'changed 19' });
});

test('saves 100 notes over HTTP, with media and a new deck, with 5 requests', async () => {
  const { notes, outcomes } = await hundred();
  const anki = await desktop(engine);
  const allNotes = [
    ...notes,
    card('pic', 'x', { deckName: 'Fresh', media: [{ field: 'Back', filename: 'p.png', data: png }] }),
  ];
  const saved = await save({ ...basic, notes: allNotes, createDecks: true }, anki.backend);
  // createDecks also creates the missing deck of the other notes.
  const expected = [...outcomes.slice(0, 90), ...Array.from({ length: 11 }, () => 'created')];
  expect(saved.notes.map(({ outcome }) => outcome)).toEqual(expected);
  expect(anki.requests).toHaveLength(5);
  await anki.close();
});

test('saves 500 notes and reports them within the budget', async () => {
  const notes = Array.from({ length: 500 }, (_, at) => (at % 100 === 7 ? card('') : card(`n ${at}`)));
  const saved = await saveRaw({ ...basic, notes });
  expect(saved).toMatchObject({ created: 495, cards: 495, invalid: 5 });
  expect(saved.createdIds).toHaveLength(495);
  expect(saved.notes.map(({ index, outcome }) => [index, outcome])).toEqual(
    [7, 107, 207, 307, 407].map((index) => [index, 'invalid']),
  );
  expect(JSON.stringify(saved).length).toBeLessThan(16_000);
  await expect(save({ ...basic, notes: [...notes, card('x')] })).rejects.toThrow('notes');
});

test('if Anki refuses all notes because of one, sends the others separately and none twice', async () => {
  let added = 0;
  const racing = new Watched(engine, async (_name, params, sent) => {
    const isAdding = JSON.stringify(params).includes('"addNotes"');
    // Somebody adds the same note just before.
    if (isAdding) await engine.call('addNote', { note: { ...basic, fields: { Front: 'b', Back: 'mine' } } });
    if (isAdding || JSON.stringify(params).includes('"addNote"')) added++;
    return sent();
  });
  const { notes } = await save({ ...basic, notes: [card('a'), card('b'), card('c')] }, racing);
  const [mine] = await engine.call('findNotes', { query: 'back:mine' });
  expect(notes).toMatchObject([
    { outcome: 'created' },
    { outcome: 'alreadyThere', id: mine },
    { outcome: 'created' },
  ]);
  expect(added).toBe(2);
  expect(await count()).toBe(3);
});

test('after a lost reply the outcome is unknown, nothing is repeated, and dryRun shows what was saved', async () => {
  const { id } = await one(card('old'));
  let writes = 0;
  const losing = new Watched(engine, async (_name, params, sent) => {
    const answer = await sent();
    if (!JSON.stringify(params).includes('addNotes')) return answer;
    writes++;
    throw new OutcomeUnknown('multi may or may not have been carried out');
  });
  const args = { ...basic, notes: [card('a'), { id, fields: { Back: 'changed' } }, card('')] };
  const { notes } = await save(args, losing);
  expect(notes).toMatchObject([
    { outcome: 'unknown', why: expect.stringContaining('dryRun') },
    { outcome: 'unknown', id },
    { outcome: 'invalid' },
  ]);
  expect(writes).toBe(1);
  expect((await save({ ...args, dryRun: true })).notes).toMatchObject([
    { outcome: 'alreadyThere' },
    { outcome: 'unchanged' },
    { outcome: 'invalid' },
  ]);
});

test.each([
  ['at once', /"updateNote"/],
  ['after the note was read back', /"notesInfo".*"guiSelectedNotes"/],
])("a note that Anki's browser overwrites %s is unverified", async (_, trigger) => {
  const { id = 0 } = await one(card('a', 'old'));
  const browser = new Watched(engine, async (_name, params, sent) => {
    const answer = await sent();
    if (trigger.test(JSON.stringify(params)))
      await engine.call('updateNoteFields', { note: { id, fields: { Back: 'old' } } });
    return answer;
  });
  const unseen = await save({ notes: [{ id, fields: { Back: 'other' } }] }, browser);
  expect(unseen.notes[0]?.why ?? '').not.toContain('browser shows');
  await engine.call('guiBrowse', { query: `nid:${id}` });
  const { notes } = await save({ notes: [{ id, fields: { Back: 'new' } }] }, browser);
  expect(notes).toMatchObject([{ outcome: 'unverified', why: expect.stringMatching(/Back.*browser shows/) }]);
});

test.each([
  ['an empty object', {}],
  ['null', null],
  ['a list of another form', ['x']],
  ['ids that are no numbers', [{ result: ['x', 'y'], error: null }]],
  ['no ids', [{ result: null, error: null }]],
])('if the reply to a write is %s, the outcome is unknown and nothing is repeated', async (_, reply) => {
  let writes = 0;
  const odd = new Watched(engine, async (_name, params, sent) => {
    const answer = await sent();
    if (!JSON.stringify(params).includes('"addNote')) return answer;
    writes++;
    return reply;
  });
  const { notes } = await save({ ...basic, notes: [card('a'), card('b')] }, odd);
  const unknown = { outcome: 'unknown', why: expect.stringContaining('dryRun') };
  expect(notes).toMatchObject([unknown, unknown]);
  expect(writes).toBe(1);
  expect(await count()).toBe(2);
});

test('reports the tags of notes as saved if Anki stores them in another form', async () => {
  const tags = ['a\tb', 'x::::y', ' z ', 'a\u3000b', '"q"', 'ÄÖ', 'n\u00a0b', '::', 'one two', 'a\nb', 'q'];
  const { notes } = await save({
    ...basic,
    notes: tags.map((tag, at) => card(`${at}`, 'x', { tags: [tag] })),
  });
  expect(notes.map(({ outcome, why }) => why ?? outcome)).toEqual(tags.map(() => 'created'));
  const again = notes.map(({ id }, at) => ({ id, tags: [tags[at]] }));
  expect((await save({ notes: again })).notes.map(({ outcome }) => outcome)).toEqual(
    tags.map(() => 'unchanged'),
  );
});

test('onDuplicate: update finds all duplicates if one of them has no cards', async () => {
  const twins = await Promise.all(
    ['1', '2'].map((Back) =>
      engine.call('addNote', {
        note: { ...basic, fields: { Front: 'twin', Back }, options: { allowDuplicate: true } },
      }),
    ),
  );
  const first = Math.min(...twins);
  const [lone = 0] = await engine.call('findCards', { query: `nid:${Math.max(...twins)}` });
  const change = { keys: ['nid'], newValues: [first], warning_check: true };
  expect(await engine.request('setSpecificValueOfCard', { card: lone, ...change })).toEqual([true]);
  const { notes } = await save({ ...basic, notes: [card('twin', 'new')], onDuplicate: 'update' });
  expect(notes).toMatchObject([
    { outcome: 'updated', id: first, warnings: [expect.stringContaining('also the same')] },
  ]);
});

test('a note whose tags Anki changes back is unverified', async () => {
  const { id } = await one({ ...card('a', 'old'), tags: ['before'] });
  const browser = new Watched(engine, async (_name, params, sent) => {
    const answer = await sent();
    if (JSON.stringify(params).includes('updateNote'))
      await engine.call('updateNoteTags', { note: id ?? 0, tags: ['before'] });
    return answer;
  });
  const { notes } = await save({ notes: [{ id, tags: ['after'] }] }, browser);
  expect(notes).toMatchObject([{ outcome: 'unverified', id, why: expect.stringContaining('the tags') }]);
  expect((await save({ notes: [{ id, tags: ['after'] }] })).notes).toEqual([{ outcome: 'updated', id }]);
});

test('a note that cannot be read back is unverified and has its id', async () => {
  const blind = new Watched(engine, (_name, params, sent) => {
    const text = JSON.stringify(params);
    return text.includes('notesInfo') && text.includes('guiSelectedNotes')
      ? Promise.reject(new Error('gone'))
      : sent();
  });
  const { notes } = await save({ ...basic, notes: [card('a')] }, blind);
  expect(notes[0]).toMatchObject({ outcome: 'unverified', why: expect.stringContaining('gone') });
  expect(notes[0]?.id).toBeTypeOf('number');
});

test('verifies unusual content as Anki stores it', async () => {
  const odd = [
    'e\u0301',
    'a\r\nb',
    'a\u00a0b',
    '\u200bz',
    '<DIV>x</div>',
    '&lt;x',
    'x\u0001y',
    '😀',
    '  x  ',
  ];
  const tags = ['a::', '::b', 'é', 'e\u0301', 'Two words', 'q\'u"o,te'];
  const { notes } = await save({
    ...basic,
    notes: odd.map((text, at) => card(`${at}${text}`, text, { tags })),
  });
  expect(notes.map(({ outcome }) => outcome)).toEqual(odd.map(() => 'created'));
});

test('a note without cards does not prevent others from being saved', async () => {
  const { id } = await one(card('bare'));
  const { id: other } = await one(card('good'));
  await engine.call('modelTemplateAdd', {
    modelName: 'Basic',
    template: { Name: 'T', Front: '{{Back}}', Back: 'x' },
  });
  await engine.call('updateNoteFields', { note: { id: id ?? 0, fields: { Back: '' } } });
  await engine.call('modelTemplateRemove', { modelName: 'Basic', templateName: 'Card 1' });
  const { notes } = await save({
    notes: [
      { id, fields: { Back: 'y' } },
      { id: other, fields: { Back: 'y' } },
    ],
  });
  expect(notes[1]).toEqual({ outcome: 'updated', id: other });
});
