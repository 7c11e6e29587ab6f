import { expect, test } from 'vitest';
import { temporaryEngine } from '../../../support/collection.ts';

const note = (Front: string) => ({ deckName: 'Default', modelName: 'Basic', fields: { Front, Back: 'b' } });

test.each(['<script>', '<style>', '<!-- ', '<', '<script></script', 'a < b '])(
  'a field of 400 KB of %j is refused before the engine reads it',
  async (opening) => {
    const { engine, close } = temporaryEngine();
    const text = opening.repeat(400_000 / opening.length);
    const id = await engine.call('addNote', { note: note('short') });
    await expect(engine.call('addNote', { note: note(text) })).rejects.toThrow('without an end');
    await expect(engine.call('addNotes', { notes: [note(text)] })).rejects.toThrow('without an end');
    const changed = engine.call('updateNoteFields', { note: { id, fields: { Front: text } } });
    await expect(changed).rejects.toThrow('without an end');
    expect(await engine.call('findNotes', { query: '' })).toEqual([id]);
    await close();
  },
);

test('markup without an end is stored in other fields, which the engine does not search', async () => {
  const { engine, close } = temporaryEngine();
  const Back = '<script>'.repeat(50_000);
  const added = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'short', Back } };
  const id = await engine.call('addNote', { note: added });
  expect((await engine.call('notesInfo', { notes: [id] }))[0]?.fields?.['Back']?.value).toBe(Back);
  await close();
});

test.each([
  ['long text', 'word '.repeat(80_000)],
  ['closed scripts', `q${'<script>x</script>'.repeat(20_000)}`],
  ['many elements', '<b>x</b>'.repeat(50_000)],
  ['a few comparisons', `a < b, ${'x'.repeat(100_000)}`],
])('a field of %s is stored', async (_, text) => {
  const { engine, close } = temporaryEngine();
  const id = await engine.call('addNote', { note: note(text) });
  expect((await engine.call('notesInfo', { notes: [id] }))[0]?.fields?.['Front']?.value).toBe(text);
  await close();
});
