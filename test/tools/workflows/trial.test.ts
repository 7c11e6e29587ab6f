import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../../src/lib/json.ts';
import { operationsOf, type Backend } from '../../../src/contract/backend.ts';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { runTool } from '../../../src/tools/tool.ts';
import { backendDouble } from '../../support/backend-double.ts';
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
  'filteredDeck',
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

test.each([
  { tool: 'saveNotes', args: { ...basic, notes: [card('a')], review: true } },
  { tool: 'importNotes', args: { ...basic, text: 'Front,Back\na,b', review: 'true' } },
  { tool: 'runAction', args: { action: 'saveNotes', params: { ...basic, notes: [], review: true } } },
])('refuses a review before anything is copied: $tool', async (call) => {
  let isAsked = false;
  const ask = async () => (isAsked = true);
  const calls = [{ tool: 'createDeck', args: { deck: 'Other' } }, call];
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  await expect(trial({ calls }, { ask, safeguard })).rejects.toThrow(
    /^Nothing was tried. Call 2 .*with review: true the user decides about each note/,
  );
  expect(isAsked).toBe(false);
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

test('a change that needs a full sync is committed without an account, and its question mentions the sync', async () => {
  await addNotes(1);
  const calls = [{ tool: 'modelFieldAdd', args: { modelName: 'Basic', fieldName: 'Extra' } }];
  const questions: string[] = [];
  const ask = async (question: string) => questions.push(question) > 0;
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  const { token } = await trial({ calls });
  expect(await trial({ commit: token }, { ask, safeguard })).toMatchObject({ committed: true });
  expect(questions).toEqual([expect.stringContaining('If the collection is synced, its next sync must be')]);
  const { token: second } = await trial({
    calls: [{ tool: 'modelFieldAdd', args: { modelName: 'Basic', fieldName: 'More' } }],
  });
  expect(await trial({ commit: second }, { safeguard })).toMatchObject({ committed: true });
});

test('a filtered deck that gets random cards is not committed with others, and the reason is named', async () => {
  await addNotes(60);
  const searches = [{ search: 'deck:*', limit: 30, order: 'random' }];
  const args = { action: 'create', deck: 'Cram', searches };
  const { token, note } = await trial({ calls: [{ tool: 'filteredDeck', args }] });
  expect(note).toMatch(/random order/);
  await expect(trial({ commit: token })).rejects.toThrow(
    /the same numbers \(.*\), but of other cards or values. A filtered deck in random order .*It was undone/,
  );
  expect(await engine.call('deckNames', {})).not.toContain('Cram');
  const all = { ...args, searches: [{ search: 'deck:*', order: 'random' }] };
  const { token: allCards } = await trial({ calls: [{ tool: 'filteredDeck', args: all }] });
  expect(await trial({ commit: allCards })).toMatchObject({ committed: true });
});

test('a commit that fails does not undo a later change of somebody else', async () => {
  const [first = 0] = await addNotes(1);
  const { token } = await trial({ calls: [{ tool: 'addTags', args: { notes: [first], tags: 'fresh' } }] });
  // The change comes after the commit, and before its effect is compared.
  const meanwhile: Backend = {
    ...backendDouble((name, params, options) => engine.request(name, params, options), engine),
    operate: (name, params, options) => engine.operate(name, params, options),
    copy: () => engine.copy(),
    together: async (work, options) => {
      const result = await engine.together(work, options);
      await engine.call('createDeck', { deck: 'Other' });
      return result;
    },
  };
  await expect(trial({ commit: token }, { backend: meanwhile })).rejects.toThrow(
    /It was not undone, because "Create deck" is now the last step.*now has: 1 note changed, 1 deck added, 1 tag added/,
  );
  expect(await engine.call('deckNames', {})).toContain('Other');
});

test('deletes its copies', async () => {
  const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('ankiwright-copy-'));
  const before = copies();
  await trial({ calls: [{ tool: 'createDeck', args: { deck: 'Other' } }] });
  expect(copies().filter((name) => !before.includes(name))).toEqual([]);
  expect(existsSync(engine.place)).toBe(true);
});

test('the difference of a trial of 100 updates is that of doing them', async () => {
  const ids = await addNotes(300);
  const actions = ids.slice(0, 100).map((id, at) => ({
    action: 'updateNoteFields',
    params: { note: { id, fields: { Front: `changed ${at}` } } },
  }));
  const tried = await trial({ calls: [{ tool: 'multi', args: { actions } }] });
  expect(tried).toMatchObject({ summary: '100 notes changed' });
  const before = await engine.copy();
  await engine.request('multi', { actions });
  const after = await engine.copy();
  const done = await operationsOf(after)('difference', { before: before.place, samples: 20 });
  expect(tried['difference']).toEqual(done.difference);
  await Promise.all([before.close(), after.close()]);
});
