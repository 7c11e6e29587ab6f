import { describe, expect, test } from 'vitest';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { bothBackends, resultOf, type Connection } from '../../support/both-backends.ts';
import { basic, card, engine, save } from '../../support/saving.ts';

/** Adds one note for each list of tags. */
async function addTagged(...lists: readonly (readonly string[])[]): Promise<number[]> {
  const { notes } = await save({
    ...basic,
    notes: lists.map((tags, at) => card(`word ${at}`, 'x', { tags })),
  });
  return notes.map(({ id = 0 }) => id);
}

const tagsOf = (note = 0) => engine.call('getNoteTags', { note });
const allTags = async () => (await engine.call('getTags', {})).toSorted();

describe.each(bothBackends)('editTags on %s', (_, connect) => {
  const run = (args: object, { backend }: Connection) => resultOf('editTags', args, backend);

  test('adds and removes tags of what a search finds, with 3 requests on the desktop', async () => {
    const [first, second] = await addTagged(['old', 'old::child', 'kept'], ['new']);
    const anki = await connect();
    const args = { query: 'deck:*', add: ['new', 'more'], remove: ['OLD'] };
    const expected = {
      found: 2,
      added: [
        { tag: 'new', changed: 1, already: 1 },
        { tag: 'more', changed: 2 },
      ],
      removed: [{ tag: 'OLD', changed: 1 }],
    };
    expect(await run({ ...args, dryRun: true }, anki)).toMatchObject(expected);
    expect(await tagsOf(first)).toEqual(['kept', 'old', 'old::child']);
    const before = anki.requests();
    const result = await run(args, anki);
    if (before !== undefined) expect((anki.requests() ?? 0) - before).toBe(3);
    expect(result).toMatchObject(expected);
    expect(result['samples']).toContainEqual({ id: first, text: 'word 0' });
    expect(await tagsOf(first)).toEqual(['kept', 'more', 'new']);
    expect(await tagsOf(second)).toEqual(['more', 'new']);
    expect(await allTags()).toEqual(['kept', 'more', 'new']);
  });

  test('merges spellings with their child tags in the whole collection, with 6 requests on the desktop', async () => {
    const [first, second, third, fourth] = await addTagged(
      ['to-do', 'to-do::now'],
      ['To_Do', 'x'],
      ['task'],
      ['todo', 'TO-DO::now'],
    );
    const anki = await connect();
    const args = { rename: { todo: ['TO-DO', 'to_do', 'task', 'missing'] } };
    const renamed = [
      { from: 'to-do', tag: 'todo', changed: 1 },
      { from: 'To_Do', tag: 'todo', changed: 1 },
      { from: 'task', tag: 'todo', changed: 1 },
      { from: 'to-do::now', tag: 'todo::now', changed: 2 },
    ];
    expect(await run({ ...args, dryRun: true }, anki)).toMatchObject({ renamed, unknown: ['missing'] });
    expect(await tagsOf(third)).toEqual(['task']);
    const before = anki.requests();
    const result = await run(args, anki);
    if (before !== undefined) expect((anki.requests() ?? 0) - before).toBe(6);
    expect(result).toMatchObject({
      renamed,
      unknown: ['missing'],
      cleared: expect.arrayContaining(['to-do', 'To_Do', 'task', 'to-do::now']),
    });
    expect(await tagsOf(first)).toEqual(['todo', 'todo::now']);
    expect(await tagsOf(second)).toEqual(['todo', 'x']);
    expect(await tagsOf(third)).toEqual(['todo']);
    expect(await tagsOf(fourth)).toEqual(['todo', 'todo::now']);
    expect(await allTags()).toEqual(['todo', 'todo::now', 'x']);
  });

  test('changes the letter case of a tag and of its child tags', async () => {
    const [first, second] = await addTagged(['TODO', 'TODO::Now'], ['TODO::Now', 'x']);
    await engine.call('addTags', { notes: [second ?? 0], tags: 'lone' });
    const anki = await connect();
    expect(await run({ rename: { todo: ['TODO'] } }, anki)).toMatchObject({
      renamed: [
        { from: 'TODO', tag: 'todo', changed: 1 },
        { from: 'TODO::Now', tag: 'todo::Now', changed: 2 },
      ],
    });
    expect(await tagsOf(first)).toEqual(['todo', 'todo::Now']);
    expect(await tagsOf(second)).toEqual(['lone', 'todo::Now', 'x']);
    expect(await allTags()).toEqual(['lone', 'todo', 'todo::Now', 'x']);
  });

  test('lifts a child tag to its parent, also below itself', async () => {
    const [first, second] = await addTagged(['a::b', 'a::b::b'], ['a::b::b', 'a']);
    await run({ rename: { a: ['a::b'] } }, await connect());
    expect(await tagsOf(first)).toEqual(['a', 'a::b']);
    expect(await tagsOf(second)).toEqual(['a', 'a::b']);
  });

  test('refuses contradictions in words and changes nothing', async () => {
    const [first] = await addTagged(['a', 'b']);
    const anki = await connect();
    const refused: [object, RegExp][] = [
      [{ query: 'deck:*' }, /pass add, remove or rename/],
      [{ query: 'deck:*', add: ['a::x'], remove: ['A'] }, /added and removed/],
      [{ query: 'deck:*', remove: ['a*'] }, /\* is not allowed/],
      [{ add: ['x'] }, /pass query or notes/],
      [{ query: 'deck:*', add: ['x'], expect: 4 }, /finds 1 note, not 4/],
      [{ query: 'deck:*', rename: { x: ['a'] } }, /whole collection/],
      [{ rename: { a: ['b'], b: ['a'] } }, /both a new name and the old name|two names/],
      [{ rename: { x: ['a'], y: ['a'] } }, /two names/],
      [{ rename: { 'a::c': ['a'] } }, /its own child/],
      [{ rename: { 'two words': ['a'] } }, /without spaces/],
    ];
    for (const [args, message] of refused) await expect(run(args, anki)).rejects.toThrow(message);
    expect(await tagsOf(first)).toEqual(['a', 'b']);
  });
});

test('editTags is one undo step, for adding and for renaming', async () => {
  const [first] = await addTagged(['TODO'], ['x']);
  await resultOf('editTags', { query: 'deck:*', add: ['n'], remove: ['x'] });
  await engine.call('guiUndo', {});
  expect(await tagsOf(first)).toEqual(['TODO']);
  await resultOf('editTags', { rename: { todo: ['TODO'], y: ['x'] } });
  expect(await tagsOf(first)).toEqual(['todo']);
  await engine.call('guiUndo', {});
  expect(await tagsOf(first)).toEqual(['TODO']);
  expect(await engine.call('findNotes', { query: 'tag:x' })).toHaveLength(1);
});

test('editTags asks before it removes a tag from many notes, and a declined question changes nothing', async () => {
  await addTagged(...Array.from({ length: 101 }, () => ['x']));
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return false;
  };
  for (const args of [{ query: 'deck:*', remove: ['x'] }, { rename: { y: ['x'] } }]) {
    await expect(resultOf('editTags', args, engine, { safeguard, ask })).rejects.toThrow('declined');
  }
  expect(asked).toHaveLength(2);
  expect(await engine.call('findNotes', { query: 'tag:x' })).toHaveLength(101);
});

test('editTags renames a tag of 1,200 notes', async () => {
  for (let round = 0; round < 3; round++) {
    const notes = Array.from({ length: 400 }, (_, at) => card(`${round} ${at}`, 'x', { tags: ['OLD'] }));
    await save({ ...basic, notes });
  }
  expect(await resultOf('editTags', { rename: { fresh: ['old'] } })).toMatchObject({
    renamed: [{ tag: 'fresh', changed: 1200 }],
    cleared: ['OLD'],
  });
});
