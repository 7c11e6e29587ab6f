import { expect, test } from 'vitest';
import { actionNames, actions, categories } from '../../src/contract/index.ts';
import { chooseTools, coreActions } from '../../src/tools/toolsets.ts';
import { manifest } from '../../src/tools/manifest.ts';

const all = Object.entries(actions);

test('each action belongs to one category', () => {
  const inCategories = Object.values(categories).flatMap((group) => Object.keys(group));
  expect(inCategories.toSorted()).toEqual(actionNames);
});

test.each(all)(
  '%s has a valid name, a short title and description, and all hints',
  (name, { title, description, annotations }) => {
    expect(name).toMatch(/^[A-Za-z]{1,40}$/);
    expect(title.split(' ').length).toBeLessThanOrEqual(4);
    expect(description.length).toBeGreaterThan(10);
    expect(description.length).toBeLessThanOrEqual(240);
    const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
    expect(
      [readOnlyHint, destructiveHint, idempotentHint, openWorldHint].every(
        (hint) => typeof hint === 'boolean',
      ),
    ).toBe(true);
    expect(readOnlyHint && destructiveHint).toBe(false);
  },
);

test('the core toolset has at most 40 tools, of which a model reads at most 16 KB', () => {
  expect(coreActions.filter((name) => !actionNames.some((action) => action === name))).toEqual([]);
  const byCategory = Object.fromEntries(
    Object.entries(categories).map(([name, group]) => [name, Object.keys(group)]),
  );
  const { offered } = chooseTools(manifest(), byCategory, {
    toolsets: ['core'],
    readOnly: false,
    hasEngine: false,
  });
  const names = offered.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...coreActions, 'overview', 'saveNotes', 'runAction']));
  expect(names.length).toBeLessThanOrEqual(40);
  const visible = offered
    .filter(({ ui }) => !ui?.appOnly)
    .map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  expect(Buffer.byteLength(JSON.stringify(visible))).toBeLessThanOrEqual(16_000);
});

test('the schemas refuse input that the add-on handles wrongly', () => {
  const refused: [keyof typeof actions, object][] = [
    ['cardsToNotes', { cards: ['1) or (1=1'] }],
    ['relearnCards', { cards: ['1'] }],
    ['deleteNotes', { notes: ['1502298033753'] }],
    ['deleteDecks', { decks: 'AB', cardsToo: true }],
    ['deleteDecks', { decks: ['A'], cardsToo: false }],
    ['deleteMediaFile', { filename: '' }],
    ['storeMediaFile', { filename: '', data: 'YQ==' }],
    ['guiImportFile', { path: '/tmp/x.colpkg' }],
    ['guiImportFile', {}],
    ['guiAnswerCard', { ease: 5 }],
    ['answerCards', { answers: [{ cardId: 1, ease: 0 }] }],
    ['updateModelStyling', { model: { name: 'Basic', css: null } }],
    ['addNote', { note: { deckName: 'A', modelName: 'Basic', fields: { Front: 'x' }, tags: 'a,b' } }],
    ['addTags', { notes: [1], tags: 'a', ad: true }],
  ];
  for (const [name, input] of refused) {
    expect(actions[name].input.safeParse(input).success, `${name} ${JSON.stringify(input)}`).toBe(false);
  }
});

test('duplicate ids are dropped where Anki fails on them, and kept where results have their order', () => {
  expect(actions.addTags.input.parse({ notes: [1, 2, 1], tags: 'a' }).notes).toEqual([1, 2]);
  expect(actions.setDueDate.input.parse({ cards: [1, 1], days: '0' }).cards).toEqual([1]);
  expect(actions.suspend.input.parse({ cards: [3, 3] }).cards).toEqual([3]);
  expect(actions.cardsInfo.input.parse({ cards: [1, 1] }).cards).toEqual([1, 1]);
});
