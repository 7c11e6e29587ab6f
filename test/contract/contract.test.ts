import { expect, test } from 'vitest';
import { actionNames, actions, categories } from '../../src/contract/index.ts';
import { core } from '../../src/tools/toolsets.ts';
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

test('the core toolset has at most 25 existing tools, of which a model reads at most 10 KB', () => {
  const tools = manifest().filter(({ name }) => core.includes(name));
  expect(tools).toHaveLength(core.length);
  expect(core.length).toBeLessThanOrEqual(25);
  const visible = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  expect(JSON.stringify(visible).length).toBeLessThanOrEqual(10_000);
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
