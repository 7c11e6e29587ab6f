import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desktop } from '../../support/desktop.ts';
import { add, ask, engine, folder } from '../../support/insights.ts';

test('counts tags with merged letter case, and groups those that differ by separators or plural', async () => {
  await add('A', '1', { tags: ['todo'] });
  await add('A', '2', { tags: ['to-do', 'verbs'] });
  await add('A', '3', { tags: ['to_do', 'verb', 'food::berries'] });
  await add('A', '4', { tags: ['verb', 'food::berry', 'class'] });
  const {
    result: { tags },
  } = await ask({ sections: ['tags'] });
  expect(tags).toMatchObject({ onNotes: 8, mostUsed: expect.arrayContaining([{ tag: 'verb', notes: 2 }]) });
  expect(
    tags.similar.map((group: { tag: string }[]) => group.map(({ tag }) => tag).toSorted()).toSorted(),
  ).toEqual([
    ['food::berries', 'food::berry'],
    ['to-do', 'to_do', 'todo'],
    ['verb', 'verbs'],
  ]);
});

test('finds unused tags, unused and missing media, and empty cloze cards', async () => {
  const note = await add('A', 'a', { tags: ['used::child'] });
  const other = await add('B', '<img src="my%20pic.png"><img src="gone.png">', {
    Back: '[sound:t&amp;j.mp3]',
    tags: ['old*_tag'],
  });
  await engine.call('updateNoteTags', { note: other, tags: [] });
  for (const filename of ['my pic.png', 't&j.mp3', '_logo.png', 'alone.png', '100_x.png'])
    await engine.call('storeMediaFile', { filename, data: 'AAAA' });
  const cloze = await engine.call('addNote', {
    note: { deckName: 'A', modelName: 'Cloze', fields: { Text: '{{c1::a}} {{c2::b}}', 'Back Extra': '' } },
  });
  await engine.call('updateNoteFields', { note: { id: cloze, fields: { Text: '{{c1::a}} b' } } });
  const sections = ['tags', 'media', 'emptyCards'];
  const { result } = await ask({ sections });
  expect(result).toMatchObject({
    tags: { unused: 1, samples: [{ tag: 'old*_tag', search: 'tag:"old\\*\\_tag"' }] },
    media: {
      files: 5,
      unused: { files: 2, names: expect.arrayContaining(['alone.png', '100_x.png']) },
      missing: { files: 1 },
      samples: [{ missing: 'gone.png', search: expect.stringContaining('gone.png') }],
    },
    emptyCards: {
      emptyCards: 1,
      samples: [{ note: cloze, empty: 1, search: expect.stringMatching(/^cid:/) }],
    },
  });
  const { backend, close: leave } = await desktop(engine);
  expect((await ask({ sections: ['emptyCards'] }, backend)).result).toMatchObject({
    emptyCards: { emptyClozeCards: 1, samples: [{ note: cloze, empty: 1, search: `nid:${cloze}` }] },
  });
  await leave();
  // With a deck only its notes are read. Searches find what other notes use.
  const { result: inA } = await ask({ sections, deck: 'A' });
  expect(inA).toMatchObject({
    tags: { unused: 1, untagged: { notes: 1 } },
    media: { unused: { files: 2 }, missing: { files: 0 } },
  });
  expect(await engine.call('findNotes', { query: String(inA.tags.untagged.search) })).not.toContain(note);
});

test('on the engine, finds every empty card, also of templates whose front became blank', async () => {
  const reversed = { modelName: 'Basic (optional reversed card)', deckName: 'A' };
  const id = await engine.call('addNote', {
    note: { ...reversed, fields: { Front: 'a', Back: 'b', 'Add Reverse': 'y' } },
  });
  const [, second] = (await engine.call('findCards', { query: `nid:${id}` })).toSorted((a, b) => a - b);
  await engine.call('updateNoteFields', { note: { id, fields: { 'Add Reverse': '' } } });
  const { result } = await ask({ sections: ['emptyCards'] });
  expect(result).toMatchObject({
    emptyCards: { emptyCards: 1, samples: [{ note: id, empty: 1, search: `cid:${second}` }] },
  });
});

test('on the engine, media are those that Anki finds, and undo list and files stay', async () => {
  for (const filename of ['used.png', 'alone.png', '_logo.png'])
    await engine.call('storeMediaFile', { filename, data: 'AAAA' });
  await add('A', '<img src="used.png"> <img src="%75sed.png"> <img src="gone.png">');
  const media = join(folder, 'collection.media');
  const before = { undo: await engine.operate('undoStatus', {}), files: readdirSync(media) };
  expect(before.undo.undo).not.toBe('');
  const { result } = await ask({ sections: ['media'] });
  expect(result.media).toMatchObject({
    files: 3,
    unused: { files: 1, names: ['alone.png'] },
    missing: { files: 1 },
    samples: [{ missing: 'gone.png' }],
  });
  expect({ undo: await engine.operate('undoStatus', {}), files: readdirSync(media) }).toEqual(before);
});

test('unused tags and files are those that no search finds, whatever their names are', async () => {
  const tags = [
    'a|b',
    'x(1)',
    '^start$',
    '[set]',
    'a.b',
    'q"q',
    'Über',
    'back\\\\slash',
    'p::child',
    'ends*',
  ];
  const files = ['a(1).png', 'b{1}.png', '$c.png', 'd+e.png', 'f&g.png', 'h i.png', 'Ä.png', 'j%20k.png'];
  const note = await add('B', 'all', { tags });
  for (const filename of files) await engine.call('storeMediaFile', { filename, data: 'AAAA' });
  const isUsed = (index: number) => index % 2 === 0;
  const text = files.filter((_, index) => isUsed(index)).map((name) => `<img src="${name}">`);
  await engine.call('updateNoteFields', { note: { id: note, fields: { Back: text.join(' ') } } });
  await engine.call('updateNoteTags', { note, tags: tags.filter((_, index) => isUsed(index)) });
  // In deck A there is no note, so that each name is searched for.
  const { result } = await ask({ sections: ['tags', 'media'], deck: 'A' });
  const unused = (all: string[]) => all.filter((_, index) => !isUsed(index)).toSorted();
  const listed = (await engine.call('getTags', {})).toSorted();
  expect(tags.filter((tag) => !listed.includes(tag))).toEqual([]);
  expect(result.tags.samples.map(({ tag }: { tag: string }) => tag).toSorted()).toEqual(unused(tags));
  expect(result.media.unused.names.toSorted()).toEqual(unused(files));
  await engine.call('updateNoteTags', { note, tags });
  const { result: again } = await ask({ sections: ['tags'], deck: 'A' });
  expect(again.tags.unused).toBe(0);
});
