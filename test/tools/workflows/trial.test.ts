import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../../src/lib/json.ts';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { runTool } from '../../../src/tools/tool.ts';
import { basic, card, engine, save } from '../../support/saving.ts';

const session = new AbortController().signal;
const names = new Set([
  'trial',
  'multi',
  'addTags',
  'deleteNotes',
  'updateNoteFields',
  'saveNotes',
  'setDueDate',
  'changeDeck',
  'createDeck',
  'modelFieldAdd',
  'answerCards',
  'exportPackage',
  'guiUndo',
  'findReplace',
  'runAction',
]);

async function trial(args: object, more = {}): Promise<JsonObject> {
  const answer = await runTool({ backend: engine, names, name: 'trial', args, session, ...more });
  if (!('result' in answer) || !isObject(answer.result)) throw new Error(JSON.stringify(answer));
  return { ...answer.result, ...(answer.note !== undefined && { note: answer.note }) };
}

const notes = () => engine.call('findNotes', { query: 'deck:*' });

async function addNotes(count: number): Promise<number[]> {
  const { notes: saved } = await save({
    ...basic,
    notes: Array.from({ length: count }, (_, at) => card(`front ${at}`, `back ${at}`, { tags: ['old'] })),
  });
  return saved.length === 0 ? notes() : saved.map(({ id = 0 }) => id);
}

test('shows the difference, leaves the collection as it was, and commits it in one undo step', async () => {
  const [first = 0, second = 0, third = 0] = await addNotes(3);
  const before = await engine.call('notesInfo', { query: 'deck:*' });
  const tried = await trial({
    calls: [
      { tool: 'updateNoteFields', args: { note: { id: first, fields: { Front: 'new front' } } } },
      { tool: 'addTags', args: { notes: [second], tags: 'fresh' } },
      { tool: 'deleteNotes', args: { notes: [third] } },
      { tool: 'createDeck', args: { deck: 'Other' } },
    ],
  });
  expect(await engine.call('notesInfo', { query: 'deck:*' })).toEqual(before);
  expect(tried).toMatchObject({
    summary: '1 note deleted, 2 notes changed, 1 card deleted, 1 deck added, 1 tag added',
    difference: {
      notes: {
        deleted: 1,
        changed: 2,
        samples: {
          deleted: [{ id: third, noteType: 'Basic', fields: { Front: 'front 2' }, tags: 'old' }],
          changed: [
            { id: first, fields: { Front: ['front 0', 'new front'] } },
            { id: second, tags: ['old', 'fresh old'] },
          ],
        },
      },
      cards: { deleted: 1 },
      decks: { added: ['Other'] },
      tags: { added: ['fresh'] },
    },
  });
  const committed = await trial({ commit: tried['token'] });
  expect(committed).toMatchObject({ committed: true, summary: tried['summary'] });
  expect(committed['undo']).toBe(tried['undo']);
  expect(await notes()).toEqual([first, second]);
  await engine.call('guiUndo', {});
  expect(await engine.call('notesInfo', { query: 'deck:*' })).toMatchObject(
    before.map(({ fields, tags }) => ({ fields, tags })),
  );
});

test('counts all names, also those that it does not list', async () => {
  const [first = 0] = await addNotes(1);
  const tags = Array.from({ length: 30 }, (_, at) => `t${at + 10}`);
  const calls = [{ tool: 'addTags', args: { notes: [first], tags: tags.join(' ') } }];
  const { summary, difference, token } = await trial({ calls });
  expect(summary).toBe('1 note changed, 30 tags added');
  expect(difference).toMatchObject({ tags: { added: [...tags.slice(0, 20), 'and 10 more'] } });
  expect((await trial({ commit: token }))['summary']).toBe('1 note changed, 30 tags added');
});

test('a token is used once, and refused if the collection has changed', async () => {
  const [first = 0] = await addNotes(2);
  const calls = [{ tool: 'addTags', args: { notes: [first], tags: 'fresh' } }];
  const { token } = await trial({ calls });
  await engine.call('createDeck', { deck: 'Meanwhile' });
  await expect(trial({ commit: token })).rejects.toThrow(/no longer as it was in the trial/);
  const { token: again } = await trial({ calls });
  await trial({ commit: again });
  await expect(trial({ commit: again })).rejects.toThrow(/has no trial/);
  expect(await engine.call('getNoteTags', { note: first })).toEqual(['fresh', 'old']);
});

test('a call that fails ends the trial and names itself', async () => {
  const [first = 0] = await addNotes(1);
  const calls = [
    { tool: 'addTags', args: { notes: [first], tags: 'fresh' } },
    { tool: 'findReplace', args: { query: 'deck:*', search: '(', replacement: '', regex: true } },
  ];
  await expect(trial({ calls })).rejects.toThrow(/Nothing was changed. Call 2 \(findReplace\) failed/);
  expect(await engine.call('getNoteTags', { note: first })).toEqual(['old']);
});

test.each([
  ['exportPackage', { tool: 'exportPackage', args: { deck: 'Default', path: '/tmp/x.apkg' } }],
  ['guiUndo', { tool: 'multi', args: { actions: [{ action: 'guiUndo' }] } }],
  ['storeMediaFile', { tool: 'runAction', args: { action: 'storeMediaFile', params: {} } }],
  [
    'deleteMediaFile',
    { tool: 'multi', args: { actions: '[{"action":"deleteMediaFile","params":{"filename":"a"}}]' } },
  ],
  [
    'sync',
    {
      tool: 'multi',
      args: { actions: { action: 'multi', params: '{"actions":["{\\"action\\":\\"sync\\"}"]}' } },
    },
  ],
  ['guiUndo', { tool: 'runAction', args: { action: 'multi', params: '{"actions":[{"action":"guiUndo"}]}' } }],
])('refuses %s, whose effect a copy cannot show', async (name, call) => {
  await expect(trial({ calls: [call] })).rejects.toThrow(`Nothing was tried: ${name}`);
});

test('a batch with wrong arguments is refused before anything is copied', async () => {
  const calls = [{ tool: 'multi', args: { actions: [{ action: 'addTag' }] } }];
  await expect(trial({ calls })).rejects.toThrow(/^Nothing was tried. Call 1 \(multi\) failed: .*addTag/);
});

test('new notes and random due dates may differ at the commit, and it says so', async () => {
  await addNotes(5);
  const cards = await engine.call('findCards', { query: 'deck:*' });
  const tried = await trial({
    calls: [
      { tool: 'saveNotes', args: { ...basic, notes: [card('added', 'x')] } },
      { tool: 'setDueDate', args: { cards, days: '1-9000' } },
    ],
  });
  expect(tried['summary']).toBe('1 note added, 1 card added, 5 cards changed, 5 review log rows added');
  const committed = await trial({ commit: tried['token'] });
  expect(committed['note']).toMatch(/other due dates than in the trial/);
  expect(committed).toMatchObject({ difference: { cards: { changed: 5 } } });
  expect(await notes()).toHaveLength(6);
});

test('asks before the commit, and a declined one changes nothing', async () => {
  const [first = 0] = await addNotes(1);
  const { token } = await trial({ calls: [{ tool: 'addTags', args: { notes: [first], tags: 'fresh' } }] });
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return false;
  };
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  await expect(trial({ commit: token }, { ask, safeguard })).rejects.toThrow(/declined/);
  expect(questions).toEqual([expect.stringContaining('1 note changed, 1 tag added')]);
  expect(await engine.call('getNoteTags', { note: first })).toEqual(['old']);
});

test('says that a change of the note type needs a full sync', async () => {
  await addNotes(1);
  const tried = await trial({
    calls: [{ tool: 'modelFieldAdd', args: { modelName: 'Basic', fieldName: 'Extra' } }],
  });
  expect(tried).toMatchObject({ difference: { fullSync: true, noteTypes: { changed: ['Basic'] } } });
});

test('deletes its copies', async () => {
  const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('ankiwright-copy-'));
  const before = copies();
  await trial({ calls: [{ tool: 'createDeck', args: { deck: 'Other' } }] });
  expect(copies().filter((name) => !before.includes(name))).toEqual([]);
  expect(existsSync(engine.place)).toBe(true);
});
