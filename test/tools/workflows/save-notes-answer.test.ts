import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { capabilitiesOf } from '../../../src/contract/backend.ts';
import { mediaPolicy } from '../../../src/tools/media/media-policy.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Watched, basic, card, engine, fieldsOf, one, png, saveRaw } from '../../support/saving.ts';

const tagsOf = (id = 0) => engine.call('getNoteTags', { note: id });

test('returns totals and the created ids, and lists only the notes that deviate', async () => {
  const reversed = { modelName: 'Basic (and reversed card)' };
  const { id } = await one(card('<b>old</b>', 'x'));
  const saved = await saveRaw({
    ...basic,
    notes: [
      card('a'),
      card('b', 'x', reversed),
      card('old', 'y'),
      card('a', 'z'),
      card(''),
      { id, fields: { Back: 'new' } },
    ],
  });
  expect(saved).toEqual({
    created: 2,
    cards: 3,
    alreadyThere: 1,
    twiceInCall: 1,
    invalid: 1,
    updated: 1,
    createdIds: [expect.any(Number), expect.any(Number)],
    notes: [
      { index: 2, first: 'old', outcome: 'alreadyThere', id, modelName: 'Basic', deckName: 'German::Verbs' },
      { index: 3, first: 'a', outcome: 'twiceInCall', id: saved.createdIds?.[0], sameAs: 0 },
      { index: 4, first: '', outcome: 'invalid', why: 'The first field, "Front", is empty.' },
    ],
  });
});

test('shows the stored text of fields that differ from what was sent', async () => {
  const sent = [card('1', '$x$'), card('2', 'a\r\nb'), card('3', 'e\u0301'), card('4', 'plain')];
  const saved = await saveRaw({ ...basic, notes: sent });
  expect(saved.notes).toMatchObject([
    { index: 0, stored: { Back: '\\(x\\)' } },
    { index: 1, stored: { Back: 'a\nb' } },
    { index: 2, stored: { Back: 'é' } },
  ]);
  expect(Object.keys(saved.notes[0]?.stored ?? {})).toEqual(['Back']);
});

test('lists the known names once', async () => {
  const notes = [card('a'), card('b'), card('c')].map((note, at) => ({ ...note, modelName: `qqqqqq${at}` }));
  const saved = await saveRaw({ ...basic, notes });
  expect(saved.notes[0]?.why).toContain('Known: Basic');
  expect(saved.notes[1]?.why).toContain('Known: see notes[0].');
  expect(saved.notes[2]?.why).toContain('Known: see notes[0].');
});

test('tags are added to every note, addTags to one, and tags of a note with id replace', async () => {
  const all = { ...basic, tags: ['all'] };
  const { id } = await one({ ...card('a'), tags: ['mine'], addTags: ['more'] }, all);
  expect(await tagsOf(id)).toEqual(['all', 'mine', 'more']);
  expect(await one({ id, addTags: ['extra'] })).toMatchObject({ outcome: 'updated' });
  expect(await tagsOf(id)).toEqual(['all', 'extra', 'mine', 'more']);
  await one({ id, tags: ['only'], addTags: ['added'] });
  expect(await tagsOf(id)).toEqual(['added', 'only']);
  await one({ id, tags: [] });
  expect(await tagsOf(id)).toEqual([]);
  expect(await one({ id }, all)).toMatchObject({ outcome: 'updated' });
  expect(await tagsOf(id)).toEqual(['all']);
  await one({ ...card('a'), addTags: ['again'] }, { onDuplicate: 'update' });
  expect(await tagsOf(id)).toEqual(['again', 'all']);
});

test('suspend suspends the new cards only, and counts them', async () => {
  const { id } = await one(card('old'));
  const saved = await saveRaw({
    ...basic,
    suspend: true,
    notes: [
      card('a'),
      card('b', 'x', { modelName: 'Basic (and reversed card)' }),
      { id, fields: { Back: 'y' } },
    ],
  });
  expect(saved).toMatchObject({ created: 2, cards: 3, suspended: 3, updated: 1 });
  expect(await engine.call('findNotes', { query: '-is:suspended' })).toEqual([id]);
  const dry = await saveRaw({ ...basic, suspend: true, dryRun: true, notes: [card('c')] });
  expect(dry).toMatchObject({ created: 1, notes: [] });
});

test('duplicateScope selects the notes that count: of the type, of the deck, or all', async () => {
  const { id } = await one(card('word', 'x', { modelName: 'Basic (and reversed card)' }));
  const inOther = { ...card('word'), deckName: 'Default' };
  const there = {
    outcome: 'alreadyThere',
    id,
    modelName: 'Basic (and reversed card)',
    deckName: 'German::Verbs',
  };
  expect(await one(inOther, { duplicateScope: 'all' })).toMatchObject(there);
  expect(await one(inOther, { duplicateScope: 'all', onDuplicate: 'update' })).toMatchObject({
    ...there,
    why: expect.stringContaining('another note type'),
  });
  const first = await one(inOther);
  expect(first.outcome).toBe('created');
  expect(await one(card('<i>word</i>'))).toMatchObject({
    outcome: 'alreadyThere',
    id: first.id,
    deckName: 'Default',
  });
  const second = await one(card('word'), { duplicateScope: 'deck' });
  expect(second.outcome).toBe('created');
  const again = { ...card('word'), deckName: 'German' };
  expect(await one(again, { duplicateScope: 'deck' })).toMatchObject({
    outcome: 'alreadyThere',
    id: second.id,
  });
  const both = await saveRaw({
    ...basic,
    duplicateScope: 'all',
    notes: [card('new'), card('new', 'y', { modelName: 'Basic (and reversed card)' })],
  });
  expect(both).toMatchObject({ created: 1, twiceInCall: 1 });
});

test('media paths are relative to mediaFolder, and stay within the allowed folders', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub', 'b.png'), Buffer.from(png, 'base64'));
  const policy = mediaPolicy([folder], capabilitiesOf.engine);
  const media = (path: string) => [{ field: 'Back', filename: 'b.png', path }];
  const saved = await saveRaw(
    {
      ...basic,
      mediaFolder: folder,
      notes: [card('a', 'x', { media: media('sub/b.png') }), card('b', 'x', { media: media('../b.png') })],
    },
    engine,
    policy,
  );
  expect(saved).toMatchObject({ created: 1, invalid: 1 });
  expect(await fieldsOf(saved.createdIds?.[0])).toMatchObject({ Back: 'x<br><img src="b.png">' });
  expect(saved.notes.at(-1)?.why).toContain('is not allowed');
});

test('keeps another file of the same name, and reports the name under which the new one is stored', async () => {
  const other = Buffer.from('other').toString('base64');
  await engine.call('storeMediaFile', { filename: 'a.png', data: other });
  const saved = await saveRaw({
    ...basic,
    notes: [card('a', '', { media: [{ field: 'Back', filename: 'a.png', data: png }] })],
  });
  const [renamed] = saved.notes[0]?.media ?? [];
  expect(renamed).toMatchObject({ filename: 'a.png', why: expect.stringContaining('has this name') });
  expect(await fieldsOf(saved.createdIds?.[0])).toMatchObject({ Back: `<img src="${renamed?.stored}">` });
  expect(await engine.call('retrieveMediaFile', { filename: 'a.png' })).toBe(other);
});

test('warns about files that are not in the media folder, in the same requests', async () => {
  await engine.call('storeMediaFile', { filename: 'there 1.png', data: png });
  const watched = new Watched(engine);
  const saved = await saveRaw(
    {
      ...basic,
      notes: [
        card('a', '<img src="C:\\Users\\me\\y.png"> <img src="sub/z.png"> [sound:missing.mp3]'),
        card(
          'b',
          '<img src="there%201.png"> <img src="https://example.com/x.png"> <img src="data:image/png;base64,AA">',
        ),
        card('c', '<img src="new.png">', { media: [{ field: 'Back', filename: 'new.png', data: png }] }),
      ],
    },
    watched,
  );
  const warned = saved.notes.filter(({ warnings }) => warnings);
  expect(warned).toMatchObject([{ index: 0 }]);
  const text = warned[0]?.warnings?.join() ?? '';
  for (const name of ['C:\\Users\\me\\y.png', 'sub/z.png', 'missing.mp3']) expect(text).toContain(name);
  expect(watched.requests).toHaveLength(5);
});

test('a warning that many notes share is listed once, with their positions', async () => {
  const texts = Array.from({ length: 12 }, (_, at) => card(`q ${at}`, String.raw`one\ntwo`));
  const saved = await saveRaw({ ...basic, notes: [...texts, card('fine'), card('open', '<b>x')] });
  expect(saved).toMatchObject({ created: 14, createdIds: { length: 14 } });
  expect(saved.notes).toEqual([
    { at: '0-11', outcome: 'created', warnings: [expect.stringContaining('<br>')] },
    expect.objectContaining({ index: 13, warnings: [expect.stringContaining('not closed')] }),
  ]);
});
