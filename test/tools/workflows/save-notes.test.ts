import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { capabilitiesOf } from '../../../src/contract/backend.ts';
import { mediaPolicy } from '../../../src/tools/media/media-policy.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Watched, basic, card, count, engine, fieldsOf, one, save, png } from '../../support/saving.ts';

test('creates a note, then finds it unchanged, updates it, and finds it as a duplicate', async () => {
  const created = await one({ ...card('gehen', 'to go'), tags: ['verb'] });
  expect(created.outcome).toBe('created');
  const { id } = created;
  expect(await one({ id, fields: { back: 'to go' } })).toEqual({ outcome: 'unchanged', id });
  expect(await one({ id, fields: { back: 'to walk' }, tags: ['Verb', 'a1'] })).toEqual({
    outcome: 'updated',
    id,
  });
  expect(await fieldsOf(id)).toEqual({ Front: 'gehen', Back: 'to walk' });
  expect(await one({ id, tags: ['a1', 'VERB'] })).toEqual({ outcome: 'unchanged', id });
  expect(await one(card('<b>gehen</b>', 'other'))).toMatchObject({ outcome: 'alreadyThere', id });
  expect(await count()).toBe(1);
});

test('onDuplicate: update changes the existing note and keeps its tags; add adds another', async () => {
  const { id } = await one({ ...card('gehen', 'to go'), tags: ['leech'] });
  const again = { ...card('gehen', 'to walk'), tags: ['new'] };
  expect(await one(again, { onDuplicate: 'update' })).toMatchObject({ outcome: 'updated', id });
  expect(await engine.call('getNoteTags', { note: id ?? 0 })).toEqual(['leech', 'new']);
  expect(await fieldsOf(id)).toEqual({ Front: 'gehen', Back: 'to walk' });
  expect(await one(again, { onDuplicate: 'update' })).toMatchObject({ outcome: 'unchanged', id });
  const other = await one(again, { onDuplicate: 'add' });
  expect(other.outcome).toBe('created');
  expect(other.id).not.toBe(id);
  const twice = await one(again);
  expect(twice).toMatchObject({ outcome: 'alreadyThere', id, warnings: [`also the same: ${other.id}`] });
});

test.each([
  'say "hi"',
  'back\\slash',
  'st*r',
  'under_score',
  'co:lon (x) or y',
  '-minus',
  'a &amp; b',
  "it's, x",
  '{{x}}',
  'new\nline',
  'tab\there',
  'cr\r\nlf',
  '<img src="a.jpg">',
  '日本',
  'e\u0301',
  're:x.*',
])('finds a duplicate with special characters: %j', async (front) => {
  const [similar, note] = (await save({ ...basic, notes: [card('starr'), card(front)] })).notes;
  expect([similar?.outcome, note?.outcome]).toEqual(['created', 'created']);
  expect(await one(card(front, 'y'))).toMatchObject({ outcome: 'alreadyThere', id: note?.id });
});

test('finds duplicates within the call, including those of notes that it updates', async () => {
  const { id } = await one(card('gehen'));
  const notes = [
    card('sehen', 'see'),
    card('<i>sehen</i>', 'saw'),
    { id, fields: { Back: 'changed' } },
    card('gehen', 'other'),
    { id, fields: { Back: 'third' } },
  ];
  const saved = await save({ ...basic, notes, onDuplicate: 'update' });
  expect(saved.notes).toMatchObject([
    { outcome: 'created' },
    { outcome: 'twiceInCall', sameAs: 0, id: saved.notes[0]?.id },
    { outcome: 'updated', id },
    { outcome: 'twiceInCall', sameAs: 2, id },
    { outcome: 'invalid', why: 'notes[2] has the same id.' },
  ]);
  expect(await fieldsOf(id)).toMatchObject({ Back: 'changed' });
});

test.each([
  [{ fields: { Fornt: 'x' } }, 'Note type "Basic" has no field "Fornt". Did you mean "Front"?'],
  [{ fields: { Front: 'a', front: 'b' } }, 'The field "Front" was passed twice.'],
  [card('<br>&nbsp;'), 'The first field, "Front", is empty.'],
  [{ fields: { Back: 'x' } }, 'The first field, "Front", is empty.'],
  [card('{{c1::x}}'), '"Front" has a cloze deletion, but Basic is not a cloze type.'],
  [
    { modelName: 'Cloze', fields: { Text: 'none' } },
    'Cloze is a cloze type and needs a deletion, {{c1::…}}, in Text.',
  ],
  [{ modelName: 'Cloze', fields: { Text: '{{c0::x}}' } }, 'Cloze is a cloze type and needs a deletion'],
  [
    { modelName: 'Cloze', fields: { Text: '{{c1::x}}', 'Back Extra': '{{c2::y}}' } },
    '"Back Extra" has a cloze deletion, but Cloze looks for them in Text.',
  ],
  [{ ...card('a'), modelName: 'Basik' }, 'Note type "Basik" does not exist. Did you mean "Basic"?'],
  [
    { ...card('a'), deckName: 'German::Verb' },
    'Deck "German::Verb" does not exist. Did you mean "German::Verbs"?',
  ],
  [{ id: 12345, fields: { Front: 'x' } }, 'Note 12345 cannot be updated: no such note.'],
  [{}, 'A new note needs fields.'],
  [{ ...card('a'), media: [{ field: 'Bakc', filename: 'a.png', data: 'AAAA' }] }, 'Did you mean "Back"?'],
])('refuses %j as invalid and writes nothing', async (note, why) => {
  const watched = new Watched(engine);
  const { notes } = await save({ ...basic, notes: [note] }, watched);
  expect(notes[0]).toMatchObject({ outcome: 'invalid', why: expect.stringContaining(why) });
  expect(watched.requests.join()).not.toMatch(/add|update|store|create/);
  expect(await count()).toBe(0);
});

test('refuses a note whose front templates would all be blank', async () => {
  const cardTemplates = [
    { Name: 'A', Front: '{{#Ask}}{{Word}}{{/Ask}}', Back: '{{Word}}' },
    { Name: 'B', Front: '{{^Ask}}{{Other}}{{/Ask}}', Back: '{{Word}}' },
  ];
  await engine.call('createModel', {
    modelName: 'Odd',
    inOrderFields: ['Word', 'Ask', 'Other'],
    cardTemplates,
  });
  const odd = (fields: object) => one({ fields, modelName: 'Odd' });
  expect(await odd({ Word: 'a' })).toMatchObject({
    outcome: 'invalid',
    why: 'It would have no card: no front template of Odd shows Word.',
  });
  expect((await odd({ Word: 'a', Ask: 'y', Other: 'z' })).outcome).toBe('created');
  expect((await odd({ Word: 'b', Other: 'z' })).outcome).toBe('created');
});

test('ignores the case of names, and refuses an update that would make a note invalid', async () => {
  const saved = await save({
    deckName: ' german :: verbs ',
    modelName: 'CLOZE',
    notes: [{ fields: { text: '{{c1::x}}' } }],
  });
  const [note] = saved.notes;
  expect(note?.outcome).toBe('created');
  const faulty = { id: note?.id, fields: { Text: 'no deletion' } };
  expect((await save({ notes: [faulty] })).notes[0]).toMatchObject({ outcome: 'invalid' });
  const asked = { id: note?.id, modelName: 'Basic', fields: { Text: 'x' } };
  expect((await save({ notes: [asked] })).notes[0]?.why).toContain('updateNoteModel');
});

test('warns about probable mistakes, and saves the note', async () => {
  expect(await one({ ...card('<b>x', 'a\nb'), tags: ['two words'] })).toMatchObject({
    outcome: 'created',
    warnings: [
      'Front: <b> not closed; write &lt; for a < of the text',
      'Back: line breaks show only as <br>, or with markdown: true',
      '"two words" makes more than one tag',
    ],
  });
});

test('warns once about a tag of all notes that makes more than one tag', async () => {
  const { notes } = await save({ ...basic, tags: ['two words'], notes: [card('x'), card('y')] });
  expect(notes.map(({ warnings }) => warnings)).toEqual([['"two words" makes more than one tag'], undefined]);
});

test('createDecks creates missing decks', async () => {
  const { notes, decksMade } = await save({
    ...basic,
    createDecks: true,
    notes: [card('a', 'x', { deckName: 'New::One' }), card('b', 'x', { deckName: 'New::One' })],
  });
  expect(notes.map(({ outcome }) => outcome)).toEqual(['created', 'created']);
  expect(decksMade).toEqual(['New::One']);
  expect(await engine.call('findNotes', { query: '"deck:New::One"' })).toHaveLength(2);
});

test('refuses new notes for a filtered deck', async () => {
  const filtered = new Watched(engine, async (_name, params, sent) => {
    const answer = await sent();
    const { actions = [] }: { actions?: { action: string }[] } = JSON.parse(JSON.stringify(params));
    return Array.isArray(answer) && actions.some(({ action }) => action === 'getDeckConfig')
      ? answer.map((reply, at) =>
          actions[at]?.action === 'getDeckConfig' ? { result: { name: 'x', dyn: 1 }, error: null } : reply,
        )
      : answer;
  });
  const { notes } = await save({ ...basic, notes: [card('a')] }, filtered);
  expect(notes).toMatchObject([{ outcome: 'invalid', why: expect.stringContaining('is a filtered deck') }]);
});

test('dryRun returns the outcomes and changes nothing', async () => {
  const { id } = await one(card('gehen'));
  const before = await engine.call('notesInfo', { query: '' });
  const { notes, dryRun } = await save({
    ...basic,
    dryRun: true,
    createDecks: true,
    onDuplicate: 'update',
    notes: [
      card('neu', '$x$', { deckName: 'Unmade', media: [{ field: 'Back', filename: 'a.png', data: png }] }),
      card('gehen', 'changed'),
      { id, fields: { Front: '' } },
    ],
  });
  expect(dryRun).toContain('Nothing was changed');
  expect(notes).toMatchObject([
    { outcome: 'created', stored: { Back: '\\(x\\)' } },
    { outcome: 'updated', id },
    { outcome: 'invalid' },
  ]);
  expect(await engine.call('notesInfo', { query: '' })).toEqual(before);
  expect(await engine.call('deckNames', {})).not.toContain('Unmade');
  expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
});

const mp3 = Buffer.from('ID3\x04 a song').toString('base64');

test('stores media and shows them under their stored names, even in an otherwise empty first field', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'b.png'), Buffer.from(png, 'base64'));
  await engine.call('storeMediaFile', {
    filename: 'song.mp3',
    data: Buffer.from('other').toString('base64'),
  });
  const media = [
    { field: 'front', filename: 'Map & "x".PNG', data: png },
    { field: 'Back', filename: 'song.mp3', data: mp3 },
    { field: 'Back', filename: 'b.png', path: join(folder, 'b.png') },
  ];
  const note = { fields: { Back: 'b' }, media };
  const policy = { ...mediaPolicy([folder], capabilitiesOf.engine) };
  const saved = await save({ ...basic, notes: [note] }, engine, policy);
  expect(saved.notes).toMatchObject([{ outcome: 'created' }]);
  const renamed = `song-${createHash('sha1').update(Buffer.from(mp3, 'base64')).digest('hex')}.mp3`;
  expect(await fieldsOf(saved.notes[0]?.id)).toEqual({
    Front: '<img src="map &amp; x.png">',
    Back: `b<br>[sound:${renamed}]<br><img src="b.png">`,
  });
  const again = { id: saved.notes[0]?.id, media };
  expect((await save({ notes: [again] }, engine, policy)).notes).toMatchObject([{ outcome: 'unchanged' }]);
  expect((await save({ ...basic, notes: [card('c', 'c', { media })] })).notes).toMatchObject([
    { outcome: 'invalid', why: expect.stringContaining('--allow-dir') },
  ]);
  expect(await engine.call('findNotes', { query: 'front:c' })).toEqual([]);
});

test('does not store media of a duplicate', async () => {
  await one(card('a'));
  await one(card('a', 'x', { media: [{ field: 'Back', filename: 'm.png', data: png }] }));
  expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
});

test.each([false, true])(
  'converts math, and Markdown if markdown is %s, to what Anki reads',
  async (markdown) => {
    const [note] = (
      await save({
        markdown,
        deckName: 'Default',
        modelName: 'Cloze',
        notes: [
          { fields: { Text: 'Costs $5 and $10: {{c1::$\\frac{1}{x^{2}}$}}', 'Back Extra': '**a**\n`$b$`' } },
        ],
      })
    ).notes;
    expect(note?.outcome).toBe('created');
    expect(await fieldsOf(note?.id)).toEqual({
      Text: 'Costs $5 and $10: {{c1::\\(\\frac{1}{x^{2} }\\)}}',
      'Back Extra': markdown ? '<strong>a</strong><br><code>$b$</code>' : '**a**\n`$b$`',
    });
  },
);

test.each([
  ['letters', 'a'.repeat(60_000)],
  ['characters with a meaning in searches', '_*"\\:'.repeat(12_000)],
  ['line breaks', 'é\n'.repeat(30_000)],
])('finds the duplicate of a first field of 60 KB: %s', async (_, text) => {
  const { id } = await one(card(text));
  expect(await one(card(`${text.slice(0, -2)}b`))).toMatchObject({ outcome: 'created' });
  expect(await one(card(text))).toMatchObject({ outcome: 'alreadyThere', id });
  expect(await one(card(text, 'y'), { onDuplicate: 'update' })).toMatchObject({ outcome: 'updated', id });
});

test('refuses Markdown that is too long or nested too deeply, and saves the other notes', async () => {
  const { notes } = await save({
    ...basic,
    markdown: true,
    notes: [card('a', 'b '.repeat(20_000)), card('b', '>'.repeat(10_000)), card('c', '**d**')],
  });
  expect(notes.map(({ outcome }) => outcome)).toEqual(['invalid', 'invalid', 'created']);
  expect(notes[0]?.why).toMatch(/Field "Back": Markdown of 40000 characters is too long: at most 20000/);
  expect(notes[1]?.why).toMatch(/nested too deeply/);
});
