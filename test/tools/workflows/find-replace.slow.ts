import { describe, expect, test } from 'vitest';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { bothBackends, resultOf, type Connection } from '../../support/both-backends.ts';
import { basic, card, engine, fieldsOf, save } from '../../support/saving.ts';

async function add(...notes: readonly (readonly [string, string])[]): Promise<number[]> {
  const saved = await save({ ...basic, notes: notes.map(([front, back]) => card(front, back)) });
  return saved.notes.map(({ id = 0 }) => id);
}

const cloze = async (text: string): Promise<number> => {
  const notes = [{ fields: { Text: text } }];
  return (await save({ deckName: 'German::Verbs', modelName: 'Cloze', notes })).notes[0]?.id ?? 0;
};

describe.each(bothBackends)('findReplace on %s', (_, connect) => {
  const run = (args: object, { backend }: Connection) => resultOf('findReplace', args, backend);

  test('replaces text in what a search finds, with 6 requests on the desktop', async () => {
    const [first = 0, second, third] = await add(['teh cat', 'Teh <b>teh</b>'], ['x', 'teh'], ['y', 'none']);
    const anki = await connect();
    const args = { query: 'deck:German::Verbs', find: 'teh', replace: '$1the' };
    const expected = {
      found: 3,
      changed: 2,
      replacements: 4,
      samples: expect.arrayContaining([{ id: first, field: 'Front', before: 'teh cat', after: '$1the cat' }]),
    };
    expect(await run({ ...args, dryRun: true }, anki)).toMatchObject(expected);
    expect(await fieldsOf(second)).toEqual({ Front: 'x', Back: 'teh' });
    const before = anki.requests();
    const result = await run(args, anki);
    if (before !== undefined) expect((anki.requests() ?? 0) - before).toBe(6);
    expect(result).toMatchObject(expected);
    expect(await fieldsOf(first)).toEqual({ Front: '$1the cat', Back: '$1the <b>$1the</b>' });
    expect(await fieldsOf(third)).toEqual({ Front: 'y', Back: 'none' });
  });

  test('replaces by a regular expression with groups, in named fields, with letter case', async () => {
    const [first] = await add(['Haus 12', 'haus 12 Haus 3']);
    const anki = await connect();
    const args = {
      query: 'deck:*',
      regex: true,
      find: String.raw`(Haus) (?<n>\d+)`,
      replace: '$<n> $1 $& $$ $9',
    };
    expect(await run({ ...args, fields: ['back'], matchCase: true }, anki)).toMatchObject({
      replacements: 1,
    });
    expect(await fieldsOf(first)).toEqual({ Front: 'Haus 12', Back: 'haus 12 3 Haus Haus 3 $ $9' });
  });

  test('leaves out notes that would lose a deletion, a sound or valid HTML, unless allowLoss', async () => {
    const kept = await cloze('{{c1::a}} and {{c2::b}}');
    const [sound, markup, fine] = await add(['s', '[sound:b.mp3]'], ['m', '<b>b</b>'], ['f', 'b']);
    const anki = await connect();
    const lose = { query: 'deck:*', regex: true, find: String.raw`\{\{c2::|\[sound:|</b>`, replace: '' };
    const result = await run(lose, anki);
    expect(result).toMatchObject({ changed: 0, notChanged: 3 });
    expect(result['kept']).toEqual(
      expect.arrayContaining([
        { id: kept, why: expect.stringContaining('c2') },
        { id: sound, why: expect.stringContaining('sound') },
        { id: markup, why: expect.stringContaining('<b>') },
      ]),
    );
    const empty = await run({ query: 'deck:*', find: 'f', replace: '', matchCase: true }, anki);
    expect(empty['kept']).toEqual([{ id: fine, why: expect.stringContaining('empty') }]);
    await run({ ...lose, find: String.raw`\{\{c2::(.*?)\}\}`, replace: '$1', allowLoss: true }, anki);
    expect(await fieldsOf(kept)).toMatchObject({ Text: '{{c1::a}} and b' });
  });

  test('refuses what it cannot do in words, and changes nothing', async () => {
    const [first] = await add(['a', 'b']);
    const anki = await connect();
    const all = { query: 'deck:*', replace: 'x' };
    const refused: [object, RegExp][] = [
      [{ ...all, find: '(', regex: true }, /Invalid regular expression.*flag u/],
      [{ ...all, find: 'a', fields: ['Bakc'] }, /has a field "bakc"/],
      [{ ...all, find: 'a', expect: 7 }, /finds 1 note, not 7/],
      [{ find: 'a', replace: 'x' }, /query/],
      [{ ...all, find: '' }, /find/],
    ];
    for (const [args, message] of refused) await expect(run(args, anki)).rejects.toThrow(message);
    expect(await fieldsOf(first)).toEqual({ Front: 'a', Back: 'b' });
  });
});

test('findReplace stops a regular expression that would never end, and answers other calls meanwhile', async () => {
  await add(['a'.repeat(60), 'b']);
  const slow = resultOf('findReplace', { query: 'deck:*', find: '(a+)+$|(a+)+c', replace: 'x', regex: true });
  const hostile = resultOf('findReplace', { query: 'deck:*', find: '(a+)+c', replace: 'x', regex: true });
  await Promise.allSettled([slow]);
  expect(await engine.call('version', {})).toBe(6);
  await expect(hostile).rejects.toThrow(/takes longer than 10 s/);
}, 60_000);

test('findReplace stops a replacement that would fill the memory', async () => {
  await add(['a'.repeat(5000), 'b']);
  const args = { query: 'deck:*', find: 'a', replace: 'x'.repeat(9000) };
  await expect(resultOf('findReplace', args)).rejects.toThrow(/longer than 1000000 characters/);
});

test('findReplace is one undo step and asks before it changes many notes', async () => {
  const notes = Array.from({ length: 60 }, (_, at) => [`${at} old`, 'b'] as const);
  const [first] = await add(...notes);
  const args = { query: 'deck:*', find: 'old', replace: 'new' };
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  const declined = resultOf('findReplace', args, engine, { safeguard, ask: async () => false });
  await expect(declined).rejects.toThrow('declined');
  expect(await resultOf('findReplace', args)).toMatchObject({ changed: 60 });
  await engine.call('guiUndo', {});
  expect(await engine.call('findNotes', { query: 'old' })).toHaveLength(60);
  const edited = resultOf('findReplace', args, engine, {
    safeguard,
    ask: async () => {
      await engine.call('updateNoteFields', { note: { id: first ?? 0, fields: { Front: 'mine old' } } });
      return true;
    },
  });
  await expect(edited.then(({ kept }) => kept)).resolves.toEqual([
    { id: first, why: expect.stringContaining('changed or deleted meanwhile') },
  ]);
  expect(await fieldsOf(first)).toMatchObject({ Front: 'mine old' });
});
