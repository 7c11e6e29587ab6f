import { afterAll, beforeAll, expect, test } from 'vitest';
import { actions, type ActionName } from '../../src/contract/index.ts';
import type { Backend } from '../../src/contract/backend.ts';
import { parseAction } from '../../src/tools/action-call.ts';
import { Assistant } from '../support/assistant.ts';
import { backendDouble } from '../support/backend-double.ts';
import { temporaryEngine } from '../support/collection.ts';
import type { Json } from '../../src/lib/json.ts';

const { engine, close } = temporaryEngine();
let sent: { readonly name: string; readonly ids: number }[] = [];
let cards: readonly number[];
let notes: readonly number[];
let assistant: Assistant;

const idsIn = (params: Readonly<Record<string, Json | undefined>>): number =>
  Object.values(params).reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 0);

/** Counts the ids that reach Anki. */
const request: Backend['request'] = (name, params, options) => {
  sent.push({ name, ids: idsIn(params) });
  return engine.request(name, params, options);
};

beforeAll(async () => {
  const added = Array.from({ length: 3000 }, (_, index) => ({
    deckName: 'Default',
    modelName: 'Basic',
    fields: { Front: `front ${index}`, Back: 'b'.repeat(index % 90) },
  }));
  await engine.call('addNotes', { notes: added });
  notes = await engine.call('findNotes', { query: '' });
  cards = (await engine.call('findCards', { query: '' })).flatMap((card, index) =>
    index % 50 === 0 ? [card, card, 77 + index] : [card],
  );
  await engine.call('suspend', {
    cards: cards.slice(0, 1000).filter((card, index) => card > 10_000 && index % 3 === 0),
  });
  assistant = await Assistant.of(backendDouble(request), { maxResult: 6000 });
});
afterAll(async () => {
  await assistant.close();
  await close();
});

interface Page {
  readonly result: readonly Json[];
  readonly total?: number;
  readonly nextOffset?: number;
}

const pageOf = async (name: string, args: Readonly<Record<string, Json>>): Promise<Page> => {
  sent = [];
  const { text, isError } = await assistant.call(name, args);
  expect(isError, text).toBe(false);
  return JSON.parse(text);
};

const listings: readonly (readonly [ActionName, () => Record<string, Json>])[] = [
  ['areSuspended', () => ({ cards })],
  ['cardsInfo', () => ({ cards: cards.slice(0, 200) })],
  ['cardsModTime', () => ({ cards })],
  ['getEaseFactors', () => ({ cards })],
  ['getIntervals', () => ({ cards, complete: true })],
  ['notesInfo', () => ({ notes: [...notes.slice(0, 500), 5, ...notes, 6, 6] })],
  ['notesInfo', () => ({ query: 'front:*1*' })],
  ['notesModTime', () => ({ notes: [5, ...notes, 6, 6] })],
];

test.each(listings)('the pages of %s add up to the whole list', async (name, paramsFor) => {
  const whole: Json = await engine.request(name, paramsFor());
  const collected: Json[] = [];
  const totals = new Set<unknown>();
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const page: Page = await pageOf(name, { ...paramsFor(), ...(offset > 0 && { offset }) });
    collected.push(...page.result);
    totals.add(page.total);
    offset = page.nextOffset;
  }
  expect(collected).toEqual(whole);
  expect([...totals]).toEqual([collected.length]);
});

test('an explicit page sends only its own ids, also in multi', async () => {
  const page = await pageOf('notesInfo', { notes, offset: 2000, limit: 7 });
  const found = await engine.call('notesInfo', { notes: notes.slice(2000, 2007) });
  expect(page).toEqual({ result: found, total: 3000, nextOffset: 2007 });
  expect(sent).toEqual([{ name: 'notesInfo', ids: 7 }]);
  const calls = [{ action: 'notesInfo', params: { notes, offset: 2990, limit: 100 } }];
  const { result } = await pageOf('multi', { actions: calls });
  const last = await engine.call('notesInfo', { notes: notes.slice(2990) });
  expect(result).toEqual([{ result: last, error: null, total: 3000 }]);
});

test('the first page of cardsInfo reads about as many cards as it shows', async () => {
  const { result } = await pageOf('cardsInfo', { cards });
  expect(sent).toEqual([{ name: 'cardsInfo', ids: 8 }]);
  expect(result.length).toBeGreaterThan(3);
});

test('a list that fits is read completely', async () => {
  const { result } = await pageOf('cardsInfo', {
    cards: Array.from({ length: 1500 }, (_, index) => index + 1),
  });
  expect(result).toEqual(Array.from({ length: 1500 }, () => ({})));
  expect(sent.reduce((sum, { ids }) => sum + ids, 0)).toBe(1500);
  expect(sent.length).toBeLessThan(10);
});

test('a query reads only the notes of the page', async () => {
  const { total, result } = await pageOf('notesInfo', { query: '', limit: 3, offset: 10 });
  expect(total).toBe(3000);
  expect(result).toEqual(await engine.call('notesInfo', { notes: notes.slice(10, 13) }));
  expect(sent).toEqual([
    { name: 'findNotes', ids: 0 },
    { name: 'notesInfo', ids: 3 },
  ]);
});

test('a missing card fails only the pages of getIntervals that reach it', async () => {
  const learned = cards.slice(100, 140);
  const args = { cards: [...learned.filter((card) => card > 10_000), 77], limit: 10 };
  expect(await pageOf('getIntervals', args)).toMatchObject({ result: Array.from({ length: 10 }, () => 0) });
  const last = await assistant.call('getIntervals', { ...args, offset: 30 });
  expect(last.isError).toBe(true);
});

test('a wrong id far into a long list is still refused with its place, and digits as text still count', async () => {
  const long = Array.from({ length: 10_000 }, (_, index) => cards[index % cards.length] ?? 0);
  const refused = await assistant.call('areSuspended', { cards: [...long, 1.5] });
  expect(refused.isError).toBe(true);
  expect(refused.text).toContain('cards[10000]');
  const accepted = await pageOf('areSuspended', { cards: [...long, String(cards[0])], offset: 10_000 });
  expect(accepted).toMatchObject({ result: [expect.any(Boolean)], total: 10_001 });
});

test('an unknown member beside a long list of ids is refused', async () => {
  const { text, isError } = await assistant.call('areSuspended', { cards, card: 1 });
  expect(isError).toBe(true);
  expect(text).toContain('unknown member "card"');
});

test('checked ids are those that the schema returns, whatever the list is', () => {
  const calls: readonly [ActionName, object][] = [
    ['suspend', {}],
    ['addTags', { tags: 'a' }],
    ['getDecks', {}],
    ['areSuspended', {}],
    ['getReviewsOfCards', {}],
    ['setEaseFactors', { easeFactors: [2500, 2500, 2400] }],
    ['notesInfo', {}],
  ];
  for (const [name, more] of calls) {
    const { input } = actions[name];
    const key = 'notes' in input.shape ? 'notes' : 'cards';
    for (const ids of [[5, 7, 5], [7], [0, 7, 0], [], [5, 7], [1.5, 7, 7], [7, null, 8]]) {
      const args = { ...more, [key]: ids };
      const wanted = input.safeParse(args);
      const parsed = () => parseAction(name, args, new Set()).params;
      if (wanted.success) expect(parsed()).toEqual(wanted.data);
      else expect(parsed).toThrow('Invalid arguments');
    }
  }
});
